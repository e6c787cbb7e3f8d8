// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const domain = "comments.example.com"

// mapDomain lets a custom domain lead to the object's stage.
func (w *world) mapDomain(o *v1alpha1.CommentsAPI) {
	w.t.Helper()
	_, err := w.apis.CreateDomainName(w.ctx, &apigateway.CreateDomainNameInput{DomainName: aws.String(domain),
		RegionalCertificateArn: aws.String("arn:aws:acm:" + region + ":" + account + ":certificate/c"),
		EndpointConfiguration:  &apigatewaytypes.EndpointConfiguration{Types: []apigatewaytypes.EndpointType{apigatewaytypes.EndpointTypeRegional}}})
	w.must(err)
	_, err = w.apis.CreateBasePathMapping(w.ctx, &apigateway.CreateBasePathMappingInput{
		DomainName: aws.String(domain), RestApiId: &o.Status.RestAPI.ID, Stage: &o.Status.Stage.Name})
	w.must(err)
}

// TestADomainThatHoldsAnAPIIsNamed: API Gateway deletes no API that a custom
// domain leads to. The object waits, says which domain and what to do, and
// goes once that is done; nothing is written while it waits.
func TestADomainThatHoldsAnAPIIsNamed(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.mapDomain(o)
	d.must(d.k8s.Delete(d.ctx, o))
	live := d.until(o, "the domain's name and the remedy", func(o *v1alpha1.CommentsAPI) bool {
		m := message(o, v1alpha1.ConditionReconciling)
		return strings.Contains(m, domain) && strings.Contains(m, "remove all base path mappings")
	})
	for range 5 {
		_ = d.step(o)
	}
	if again := d.live(o).ResourceVersion; again != live.ResourceVersion {
		t.Error("the object changes while nothing else does")
	}
	if len(d.restAPIs()) != 1 || len(d.roleNames()) != 1 {
		t.Errorf("while the domain leads to the API, REST APIs %v and roles %v are left; want one each, so that the domain serves", d.restAPIs(), d.roleNames())
	}
	_, err := d.apis.DeleteBasePathMapping(d.ctx, &apigateway.DeleteBasePathMappingInput{DomainName: aws.String(domain), BasePath: aws.String("(none)")})
	d.must(err)
	d.until(o, "the end", gone)
	d.left("blog-comments")
}

// TestADomainThatHoldsAStageIsNamed: a stage that was renamed stays as long as
// a custom domain leads to its old name; both serve meanwhile, and the
// condition says what to do.
func TestADomainThatHoldsAStageIsNamed(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	old := *o.Status.DeepCopy()
	d.mapDomain(o)
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "v2" })
	o = d.until(o, "the domain's name and the remedy", func(o *v1alpha1.CommentsAPI) bool {
		m := message(o, v1alpha1.ConditionStalled)
		return strings.Contains(m, domain) && strings.Contains(m, "remove all base path mappings")
	})
	if !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(o) {
		t.Errorf("Ready says %q while both stages serve", message(o, v1alpha1.ConditionReady))
	}
	before := o.DeepCopy()
	before.Status = old
	for _, served := range []*v1alpha1.CommentsAPI{o, before} {
		if status, _ := d.list(served, "p"); status != 200 {
			t.Errorf("%s answers %d", served.Status.InvokeURL, status)
		}
	}
	_, err := d.apis.UpdateBasePathMapping(d.ctx, &apigateway.UpdateBasePathMappingInput{DomainName: aws.String(domain), BasePath: aws.String("(none)"),
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/stage"), Value: aws.String("v2")}}})
	d.must(err)
	d.ready(o)
	stages, err := d.apis.GetStages(d.ctx, &apigateway.GetStagesInput{RestApiId: &o.Status.RestAPI.ID})
	d.must(err)
	if len(stages.Item) != 1 || *stages.Item[0].StageName != "v2" {
		t.Errorf("stages left: %+v", stages.Item)
	}
}
