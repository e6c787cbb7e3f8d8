// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/plan"
)

// TestASecondAPIWithTheClaimIsFound: an operator that was paused in the middle
// of a creation may finish it after another one has made the API. Nothing
// points at what it made, so checks look for it in turn, and a check that
// somebody asks for looks at once.
func TestASecondAPIWithTheClaimIsFound(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	before, _ := s.converge()
	s.lookInTurn()
	x := &outsider{world: w, t: t, s: s, seen: before}
	second := did[*apigateway.CreateRestApiOutput](x)(x.apis.CreateRestApi(x.ctx, &apigateway.CreateRestApiInput{
		Name: aws.String("shop/blog"), Tags: before.Observed.API.Tags}))

	thorough := s.asked()
	thorough.Thorough = true
	asked, err := check.Look(w.ctx, w.account, s.settings, thorough, w.now())
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(asked.Plan); !strings.Contains(got, string(plan.DeleteDuplicateAPI)) {
		t.Errorf("a check that was asked for plans %q; want it to remove the second API", got)
	}
	removed := false
	for range check.Turns() {
		if r := s.lookInTurn(); !r.Plan.Empty() {
			s.apply(r)
			removed = true
		}
	}
	if !removed {
		t.Fatalf("%d checks in turn find no second API", check.Turns())
	}
	if _, err := x.apis.GetRestApi(x.ctx, &apigateway.GetRestApiInput{RestApiId: second.Id}); err == nil {
		t.Error("the second API is still there")
	}
	if after := s.look(); after.Observed.API.ID != before.Observed.API.ID || !after.Plan.Empty() {
		t.Errorf("the first API is %s and the plan %s; want %s and nothing to do", after.Observed.API.ID, describe(after.Plan), before.Observed.API.ID)
	}
}

// TestASecondAPIThatIsServedIsReported: somebody may use it.
func TestASecondAPIThatIsServedIsReported(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	before, _ := s.converge()
	x := &outsider{world: w, t: t, s: s, seen: before}
	second := did[*apigateway.CreateRestApiOutput](x)(x.apis.CreateRestApi(x.ctx, &apigateway.CreateRestApiInput{
		Name: aws.String("shop/blog"), Tags: before.Observed.API.Tags}))
	did[*apigateway.PutRestApiOutput](x)(x.apis.PutRestApi(x.ctx, &apigateway.PutRestApiInput{RestApiId: second.Id, Body: before.Desired.Document}))
	did[*apigateway.CreateDeploymentOutput](x)(x.apis.CreateDeployment(x.ctx, &apigateway.CreateDeploymentInput{RestApiId: second.Id, StageName: aws.String("prod")}))
	warned := false
	for range 1 + check.Turns() {
		r := s.lookInTurn()
		if !r.Plan.Empty() {
			t.Fatalf("the plan is %s; want nothing", describe(r.Plan))
		}
		warned = warned || len(r.Plan.Warnings) == 1 && strings.Contains(r.Plan.Warnings[0], aws.ToString(second.Id))
	}
	if !warned {
		t.Errorf("no check in turn warns of REST API %s", aws.ToString(second.Id))
	}
}
