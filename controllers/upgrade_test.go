// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// olderVersion leaves an object and its stack as an earlier version of the
// operator would have: its definition has another template of the list method,
// it is deployed and served, and status tells of it.
func (d *driver) olderVersion(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	d.t.Helper()
	sha := strings.Repeat("0123456789abcdef", 4)
	deployment := d.deployOther(o, "commentsapi.io definition "+sha)
	if _, err := d.apis.DeleteDeployment(d.ctx, &apigateway.DeleteDeploymentInput{RestApiId: &o.Status.RestAPI.ID, DeploymentId: &o.Status.RestAPI.DeploymentID}); err != nil {
		d.t.Fatal(err)
	}
	live := d.live(o)
	live.Status.RestAPI.DeploymentID, live.Status.RestAPI.DefinitionSHA256 = deployment, sha
	live.Status.Stage.DefinitionSHA256 = sha
	if err := d.k8s.Status().Update(d.ctx, live); err != nil {
		d.t.Fatal(err)
	}
	d.restart() // the new version starts
	return live
}

// deployOther changes the template of the list method, deploys that with the
// description and points the stage there.
func (d *driver) deployOther(o *v1alpha1.CommentsAPI, description string) (deployment string) {
	d.t.Helper()
	must := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	id := &o.Status.RestAPI.ID
	resources, err := d.apis.GetResources(d.ctx, &apigateway.GetResourcesInput{RestApiId: id, Embed: []string{"methods"}})
	must(err)
	for _, resource := range resources.Items {
		if aws.ToString(resource.Path) != "/comments/{pageId}" {
			continue
		}
		template := resource.ResourceMethods["GET"].MethodIntegration.RequestTemplates["application/json"]
		_, err = d.apis.UpdateIntegration(d.ctx, &apigateway.UpdateIntegrationInput{RestApiId: id, ResourceId: resource.Id, HttpMethod: aws.String("GET"),
			PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/requestTemplates/application~1json"),
				Value: aws.String(template + "\n## as an older version wrote it")}}})
		must(err)
	}
	made, err := d.apis.CreateDeployment(d.ctx, &apigateway.CreateDeploymentInput{RestApiId: id, Description: &description})
	must(err)
	_, err = d.apis.UpdateStage(d.ctx, &apigateway.UpdateStageInput{RestApiId: id, StageName: &o.Spec.Stage,
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/deploymentId"), Value: made.Id}}})
	must(err)
	return aws.ToString(made.Id)
}

// TestUpgradeThatRendersAnew: when a new version of the operator has another
// definition for the same spec, it is rolled out with the reason Upgrade, and
// the object stays Ready all the way, since clients are served.
func TestUpgradeThatRendersAnew(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.olderVersion(d.ready(d.create(d.object("blog"))))
	before := o.Status.RestAPI.DefinitionSHA256
	d.recorder.take()
	_, _, since := d.calls(0)
	reasons := map[string]bool{}
	d.until(o, "the end of the upgrade", func(o *v1alpha1.CommentsAPI) bool {
		if !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(o) {
			t.Fatalf("not Ready in the middle of an upgrade: %s", describeStatus(o))
		}
		if status, _ := d.list(o, "p"); status != 200 {
			t.Fatalf("a list in the middle of an upgrade answers %d", status)
		}
		for _, c := range o.Status.Conditions {
			if c.Type == v1alpha1.ConditionReconciling {
				reasons[c.Reason] = true
			}
		}
		return o.Status.Stage.DefinitionSHA256 != before && settled(o)
	})
	if diff := gocmp.Diff(map[string]bool{v1alpha1.ReasonUpgrade: true}, reasons); diff != "" {
		t.Errorf("reasons of Reconciling (-want +got):\n%s", diff)
	}
	writes, _, _ := d.calls(since)
	var operations []string
	for _, w := range writes {
		operations = append(operations, strings.Fields(w)[1])
	}
	if diff := gocmp.Diff([]string{"PutRestApi", "CreateDeployment", "UpdateStage"}, operations); diff != "" {
		t.Errorf("writes of an upgrade (-want +got):\n%s", diff)
	}
	events := d.recorder.take()
	if len(with(events, "Normal Upgraded ")) == 0 || len(with(events, "Normal Corrected ")) != 0 {
		t.Errorf("events are %q", events)
	}
}

// TestWhatIsNoUpgrade: a change of the spec and a change in AWS keep their own
// reasons, though the stage serves another definition in each case.
func TestWhatIsNoUpgrade(t *testing.T) {
	parallel(t)
	for name, c := range map[string]struct {
		do     func(d *driver, o *v1alpha1.CommentsAPI)
		reason string
	}{
		"a change of the spec": {func(d *driver, o *v1alpha1.CommentsAPI) {
			d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 7 })
		}, v1alpha1.ReasonRollingOut},
		"a change of the spec on top of an upgrade": {func(d *driver, o *v1alpha1.CommentsAPI) {
			d.olderVersion(o)
			d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 7 })
		}, v1alpha1.ReasonRollingOut},
		"somebody's deployment": {func(d *driver, o *v1alpha1.CommentsAPI) {
			d.deployOther(o, "by hand")
		}, v1alpha1.ReasonDrifted},
		"somebody's deployment in the operator's words": {func(d *driver, o *v1alpha1.CommentsAPI) {
			d.deployOther(o, "commentsapi.io definition "+strings.Repeat("f", 64))
		}, v1alpha1.ReasonDrifted},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog")))
			c.do(d, o)
			if err := d.step(o); err != nil {
				t.Fatal(err)
			}
			live := d.live(o)
			if !reasonIs(v1alpha1.ConditionReconciling, "True", c.reason)(live) || !reasonIs(v1alpha1.ConditionReady, "False", c.reason)(live) {
				t.Errorf("want the reason %s: %s", c.reason, describeStatus(live))
			}
			d.ready(o)
		})
	}
}
