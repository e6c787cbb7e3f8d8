// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// pathSeed draws the pairs. PATH_PAIR=<number> runs one pair alone, under the
// same seed; PATH_SEED=<number> draws others.
const (
	pathSeed  = 20260301
	pathPairs = 300
)

// TestTheEndDoesNotDependOnTheWay changes one spec into another and back. Both
// times the stack must end up as one that was made for that spec at once: up
// to the index's name, AWS's ids and dates, and the deployments of the past.
func TestTheEndDoesNotDependOnTheWay(t *testing.T) {
	seed, only := number(t, "PATH_SEED", pathSeed), number(t, "PATH_PAIR", -1)
	t.Logf("seed %d (PATH_SEED=%d PATH_PAIR=<number> replays one pair)", seed, seed)
	w := newWorld(t)
	fresh := map[string]string{} // end states of stacks that were made at once
	made := func(t *testing.T, c combination) string {
		if end, ok := fresh[c.String()]; ok {
			return end
		}
		s := w.subject(fmt.Sprintf("fresh%d", len(fresh)), c.apply)
		s.t = t
		r, _ := s.converge()
		fresh[c.String()] = s.normalise(r.Observed)
		return fresh[c.String()]
	}
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	pool := make([]combination, 60)
	for i := range pool {
		for _, choice := range choices() {
			pool[i] = append(pool[i], random.IntN(len(choice.ways)))
		}
	}
	pairs := pathPairs
	if underDetector {
		pairs = 20
	}
	for i := range pairs {
		a, b := pool[random.IntN(len(pool))], pool[random.IntN(len(pool))]
		if only >= 0 && only != i {
			continue
		}
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			s := w.subject(fmt.Sprintf("p%03d", i), a.apply)
			s.t = t
			s.converge()
			for _, leg := range []struct {
				name string
				to   combination
			}{{"A-B", b}, {"A-B-A", a}} {
				s.become(leg.to)
				r, _ := s.converge()
				if diff := cmp.Diff(made(t, leg.to), s.normalise(r.Observed)); diff != "" {
					t.Fatalf("%s of pair %d (A: %s; B: %s) ends elsewhere than made at once (-at once +this way):\n%s", leg.name, i, a, b, diff)
				}
			}
		})
	}
	t.Logf("paths: %d pairs", pairs)
}

// become changes the spec, but its identity.
func (s *subject) become(c combination) {
	s.spec = v1alpha1.CommentsAPISpec{TableName: s.spec.TableName, Region: s.spec.Region, Stage: "prod"}
	c.apply(&s.spec)
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s is %q: use a number", name, text)
	}
	return n
}
