// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// deleteTable deletes the table as a person would who means it.
func (x *outsider) deleteTable() {
	x.updateTable(dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(false)})
	did[*dynamodb.DeleteTableOutput](x)(x.tables.DeleteTable(x.ctx, &dynamodb.DeleteTableInput{TableName: x.table()}))
}

// TestATableWithABackupIsNotMadeAnewByItself: an empty table would hide the
// loss and take the name that restoring needs.
func TestATableWithABackupIsNotMadeAnewByItself(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	before, _ := s.converge()
	// Checks that do not read the backups must not forget them.
	for range 5 {
		s.remember(s.lookInTurn(), noOutcome)
	}
	(&outsider{world: w, t: t, s: s, seen: before}).deleteTable()
	for name, r := range map[string]func() string{
		"asked for": func() string { return describe(s.look().Plan) },
		"in turn":   func() string { return describe(s.lookInTurn().Plan) },
	} {
		if got := r(); len(got) < 21 || got[:21] != "blocked: TableMissing" {
			t.Errorf("a check %s plans %s; want TableMissing and nothing else", name, got)
		}
	}
	s.recreateTable = true
	after, _ := s.converge()
	if diff := cmp.Diff(s.normalise(before.Observed), s.normalise(after.Observed)); diff != "" {
		t.Errorf("the stack is not as it was (-before +after):\n%s", diff)
	}
}

// TestATableThatCannotBeRestoredIsMadeAnew: there is nothing to wait for.
func TestATableThatCannotBeRestoredIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog", func(s *v1alpha1.CommentsAPISpec) { s.Table.PointInTimeRecovery = v1alpha1.Disabled })
	before, _ := s.converge()
	(&outsider{world: w, t: t, s: s, seen: before}).deleteTable()
	since := w.seq()
	after, _ := s.converge()
	if diff := cmp.Diff(s.normalise(before.Observed), s.normalise(after.Observed)); diff != "" {
		t.Errorf("the stack is not as it was (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"dynamodb CreateTable"}, w.writes(since)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

// TestALostClaimStopsEverything: what no longer carries the claim may have
// been given away, so nothing of the stack is written.
func TestALostClaimStopsEverything(t *testing.T) {
	for name, lose := range map[string]func(*outsider){
		"table":       func(x *outsider) { x.untagTable("commentsapi.io/namespace") },
		"role":        func(x *outsider) { x.untagRole("commentsapi.io/name") },
		"api":         func(x *outsider) { x.untagGateway(false, "commentsapi.io/cluster") },
		"other claim": func(x *outsider) { x.tagTable("commentsapi.io/namespace-uid", "another") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.subject("blog")
			before, _ := s.converge()
			x := &outsider{world: w, t: t, s: s, seen: before}
			lose(x)
			// Something else is wrong too, and must stay so.
			x.patchStage("replace /tracingEnabled true")
			since := w.seq()
			r := s.lookInTurn()
			if r.Plan.Block == nil || r.Plan.Block.Reason != "ClaimLost" {
				t.Errorf("plan = %s; want ClaimLost", describe(r.Plan))
			}
			s.apply(r)
			if writes := w.writes(since); len(writes) > 0 {
				t.Errorf("writes %v; want none", writes)
			}
		})
	}
}
