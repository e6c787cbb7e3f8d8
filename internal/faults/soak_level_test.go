// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// levelFrom is the shortest soak whose figures are held to be level: before,
// each REST API still fills up with the few deployments that it keeps.
const levelFrom = 3 * time.Hour

// series is one figure of a soak, taken again and again.
type series struct {
	name   string
	values []float64
	// most is how much higher, as a part, it may stand in the last third of the
	// soak than in the middle one; the objects are changed at random.
	most float64
}

func (s *series) add(v float64) { s.values = append(s.values, v) }

// grows says how a figure went on growing; empty when it is level. The medians
// of the middle and the last third are compared: they see steady growth however
// slow the figure moves from one value to the next, and no single peak.
func (s *series) grows() string {
	third := len(s.values) / 3
	if third == 0 {
		return ""
	}
	middle, last := median(s.values[third:2*third]), median(s.values[2*third:])
	if last <= middle*(1+s.most) {
		return ""
	}
	return fmt.Sprintf("%s go on growing: %.2f in the middle of the soak, %.2f at its end", s.name, middle, last)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// holdings count what carries the claim of one object.
type holdings struct{ apis, roles, tables, keys, plans, deployments int }

// add counts them together.
func (h *holdings) add(o holdings) {
	*h = holdings{h.apis + o.apis, h.roles + o.roles, h.tables + o.tables, h.keys + o.keys, h.plans + o.plans, h.deployments + o.deployments}
}

const (
	// mostDeployments is how many deployments a REST API has at rest: the two
	// that are kept, and one whose turn to go comes with the next one.
	mostDeployments = 3
	// mostInTrouble is how many it may have while calls that delete old ones
	// fail.
	mostInTrouble = 6
)

// within reports whether no more is held than one object needs.
func (h holdings) within(deployments int) bool {
	return h.apis <= 1 && h.roles <= 1 && h.tables <= 1 && h.keys <= 1 && h.plans <= 1 && h.deployments <= deployments
}

// holdings of all objects of a soak, by name.
func (s *soak) holdings(a account) map[string]holdings {
	out := map[string]holdings{}
	add := func(tags map[string]string, one holdings) {
		name := tags["commentsapi.io/name"]
		all := out[name]
		all.add(one)
		out[name] = all
	}
	for _, api := range a.apis {
		add(api.API.Tags, holdings{apis: 1, deployments: len(api.Deployments)})
	}
	for _, r := range a.roles {
		add(r.Tags, holdings{roles: 1})
	}
	for _, t := range a.tables {
		add(t.Tags, holdings{tables: 1})
	}
	for _, k := range a.keys {
		add(k.Tags, holdings{keys: 1})
	}
	for _, p := range a.plans {
		add(p.Tags, holdings{plans: 1})
	}
	return out
}

// TestLevel states what a soak takes for level: growth is seen, be it steady,
// slow or in steps, and noise is not taken for it.
func TestLevel(t *testing.T) {
	line := func(n int, at func(i int) float64) (out []float64) {
		for i := range n {
			out = append(out, at(i))
		}
		return out
	}
	for _, c := range []struct {
		name   string
		values []float64
		most   float64
		grows  bool
	}{
		{"one more each time", line(30, func(i int) float64 { return float64(i + 1) }), 0.1, true},
		{"a slow leak", line(60, func(i int) float64 { return 40 + float64(i)/2 }), 0.1, true},
		{"a leak under a saw of garbage", line(60, func(i int) float64 { return 40 + float64(i) + float64(i%5) }), 0.1, true},
		{"one goroutine late", line(60, func(i int) float64 { return 4 + float64(i/40) }), 0, true},
		{"steps", line(30, func(i int) float64 { return float64(10 + i/6*3) }), 0.1, true},
		{"always the same", line(30, func(int) float64 { return 4 }), 0, false},
		{"filling up, then level", line(60, func(i int) float64 { return min(40, float64(2*i+2)) }), 0.05, false},
		{"noise", line(60, func(i int) float64 { return 40 + float64(i*7%11)/4 }), 0.05, false},
		{"peaks", line(60, func(i int) float64 { return 40 + 100*float64(i/10%2*(i%10/9)) }), 0.05, false},
		{"going down", line(60, func(i int) float64 { return 100 - float64(i) }), 0, false},
		{"too short to tell", []float64{1, 100}, 0.1, false},
	} {
		s := series{name: "things", values: c.values, most: c.most}
		if said := s.grows(); (said != "") != c.grows {
			t.Errorf("%s: %q; want growth %t", c.name, said, c.grows)
		}
	}
}
