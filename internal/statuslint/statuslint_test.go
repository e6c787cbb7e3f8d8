// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package statuslint_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/statuslint"
)

func object(observed int64, conditions ...metav1.Condition) *v1alpha1.CommentsAPI {
	return &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Generation: 2},
		Status: v1alpha1.CommentsAPIStatus{ObservedGeneration: observed, Conditions: conditions}}
}

func condition(kind, status string, generation int64, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: metav1.ConditionStatus(status), ObservedGeneration: generation, Reason: reason, Message: message}
}

// TestProblems: each rule finds what breaks it, and nothing in a good status.
func TestProblems(t *testing.T) {
	ready := condition("Ready", "True", 2, "Available", "the API serves")
	synced := condition("Synced", "True", 2, "Available", "AWS matches the spec")
	reconciling := condition("Reconciling", "True", 2, "RollingOut", "CreateTable")
	stalled := condition("Stalled", "True", 2, "Conflict", "a table of that name exists")
	for name, c := range map[string]struct {
		o    *v1alpha1.CommentsAPI
		want string
	}{
		"settled":                {object(2, ready, synced), ""},
		"rolling out":            {object(2, condition("Ready", "False", 2, "RollingOut", "CreateTable"), reconciling), ""},
		"never looked at":        {object(-1), ""},
		"twice":                  {object(2, ready, ready), "stands twice"},
		"condition ahead":        {object(2, condition("Ready", "True", 3, "Available", "x")), "speaks of generation 3"},
		"ahead":                  {object(3, ready), "is ahead"},
		"silent":                 {object(2, condition("Ready", "True", 2, "", "")), "says nothing"},
		"both":                   {object(2, ready, reconciling, stalled), "both there"},
		"exists untrue":          {object(2, ready, condition("Stalled", "False", 2, "x", "x")), "without being true"},
		"neither ready nor busy": {object(2, condition("Synced", "True", 2, "Available", "x")), "kstatus is Current; want InProgress"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(statuslint.Problems(c.o), "\n")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("found %q; want %q", got, c.want)
			}
		})
	}
}

// TestChanged: messages may tell of progress, and of nothing that moves by
// itself.
func TestChanged(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"progress":   {"CreateTable blog, then 7 more", "CreateTable blog, then 6 more", ""},
		"other step": {"CreateTable blog, then 7 more", "CreateRole blog, then 6 more", ""},
		"the same":   {"waits until 10:00:00Z", "waits until 10:00:00Z", ""},
		"countdown":  {"looks again in 12.5 s", "looks again in 8 s", "moves by itself"},
		"request id": {
			"refused, request 0f8fad5b-d9cb-469f-a165-70867728950e",
			"refused, request 7c9e6679-7425-40de-944b-e07fc1f90ae7", "moves by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			before := object(2, condition("Ready", "False", 2, "Waiting", c.from))
			after := object(2, condition("Ready", "False", 2, "Waiting", c.to))
			got := strings.Join(statuslint.Changed(before, after), "\n")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("found %q; want %q", got, c.want)
			}
		})
	}
	before, after := object(2, condition("Ready", "True", 2, "Available", "x")), object(2, condition("Ready", "True", 2, "Available", "x"))
	after.Status.Conditions[0].LastTransitionTime = metav1.NewTime(time.Unix(1, 0))
	if found := statuslint.Changed(before, after); len(found) != 1 {
		t.Errorf("a transition that was none: found %q", found)
	}
}
