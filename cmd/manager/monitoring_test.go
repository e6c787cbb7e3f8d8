// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

// queries are all expressions of the alert rules and the dashboard.
func queries(t *testing.T) []string {
	t.Helper()
	var out []string
	text, err := os.ReadFile("../../config/prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Spec struct {
			Groups []struct{ Rules []struct{ Expr string } }
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	for _, group := range rules.Spec.Groups {
		for _, rule := range group.Rules {
			out = append(out, rule.Expr)
		}
	}
	if text, err = os.ReadFile("../../config/grafana/dashboard.json"); err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			out = append(out, target.Expr)
		}
	}
	return out
}

var (
	metricName = regexp.MustCompile(`\b(?:commentsapi|controller_runtime|workqueue|process)_[a-z_]+\b`)
	// matchers are what stands in braces after a metric's name.
	matchers = regexp.MustCompile(`([a-z_]+)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`([a-z_]+)\s*(=~|!~|!=|=)\s*"`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
	grouping = regexp.MustCompile(`by \(([^)]*)\)`)
)

// addedByPrometheus are labels that no exporter has.
var addedByPrometheus = []string{"job", "instance", "pod", "namespace"}

// testMonitoring holds every query to the metrics that a manager with an
// object exports.
func (w *world) testMonitoring(t *testing.T) {
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: testcluster.Namespace(t), Name: "watched"},
		Spec: v1alpha1.CommentsAPISpec{TableName: "watched-comments", Region: "eu-west-1", Stage: "prod"}}
	if err := w.k8s.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.settled(t, o)
	ns := testcluster.Namespace(t)
	reader := token(t, w.k8s, ns, "prometheus")
	w.allowMetrics(t, ns, "prometheus")
	var text string
	// The count of objects is of the cache, which trails by a moment.
	w.eventually(t, "the count of the object", func() bool {
		status, body, err := w.metrics.get(t, reader)
		text = body
		return err == nil && status == http.StatusOK && strings.Contains(body, `commentsapi_objects{reason="Available",status="True",type="Ready"} 1`)
	})
	labels := map[string]map[string]bool{}
	sample := regexp.MustCompile(`(?m)^([a-zA-Z_:]+)(?:\{([^}]*)\})? `)
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		if labels[m[1]] == nil {
			labels[m[1]] = map[string]bool{}
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			labels[m[1]][l[1]] = true
		}
	}
	all := queries(t)
	if len(all) < 20 {
		t.Fatalf("only %d queries were found", len(all))
	}
	for _, query := range all {
		names := metricName.FindAllString(quoted.ReplaceAllString(query, `""`), -1)
		if len(names) == 0 {
			t.Errorf("%s asks for no metric", query)
		}
		for _, name := range names {
			// Seen only once there is something to count.
			if labels[name] == nil && !strings.Contains(text, "# TYPE "+name+" ") && name != "commentsapi_corrections_total" {
				t.Errorf("%s asks for %s, which the manager doesn't export", query, name)
			}
		}
		for _, m := range matchers.FindAllStringSubmatch(query, -1) {
			for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
				if labels[m[1]] != nil && !labels[m[1]][l[1]] && !slices.Contains(addedByPrometheus, l[1]) {
					t.Errorf("%s asks for the label %s, which %s doesn't have", query, l[1], m[1])
				}
			}
		}
		for _, g := range grouping.FindAllStringSubmatch(query, -1) {
			for _, label := range strings.Split(g[1], ",") {
				label = strings.TrimSpace(label)
				known := slices.Contains(addedByPrometheus, label) || names[0] == "commentsapi_corrections_total"
				for _, name := range names {
					known = known || labels[name][label]
				}
				if !known {
					t.Errorf("%s groups by %s, which none of its metrics has", query, label)
				}
			}
		}
	}
	t.Run("names and help are by convention", func(t *testing.T) { promtool(t, text) })
	if o.Name != "" && strings.Contains(text, `"watched"`) {
		t.Error("metrics name an object; their number must not grow with objects")
	}
}

// promtool checks the operator's own metrics; those of libraries are theirs.
func promtool(t *testing.T, text string) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("REQUIRE_PROMTOOL") != "" { // CI sets it
			t.Fatal(err)
		}
		t.Skip("promtool is not installed; make verify installs it where it can")
	}
	var own strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, "commentsapi_") {
			own.WriteString(line)
		}
	}
	cmd := exec.CommandContext(t.Context(), path, "check", "metrics")
	cmd.Stdin = strings.NewReader(own.String())
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, said)
	}
}
