// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
)

// meddled is API Gateway with somebody who changes the working copy at the
// worst moment, once.
type meddled struct {
	provision.APIs
	beforeDeploy, afterPut func()
	// tainted is the deployment that was made of the changed working copy.
	tainted string
}

func (m *meddled) CreateDeployment(ctx context.Context, in *apigateway.CreateDeploymentInput, o ...func(*apigateway.Options)) (*apigateway.CreateDeploymentOutput, error) {
	if meddle := m.beforeDeploy; meddle != nil {
		m.beforeDeploy = nil
		meddle()
		out, err := m.APIs.CreateDeployment(ctx, in, o...)
		if err == nil {
			m.tainted = aws.ToString(out.Id)
		}
		return out, err
	}
	return m.APIs.CreateDeployment(ctx, in, o...)
}

// PutRestApi has the name that the SDK gave it.
//
//nolint:revive // so has provision.APIs, which this implements
func (m *meddled) PutRestApi(ctx context.Context, in *apigateway.PutRestApiInput, o ...func(*apigateway.Options)) (*apigateway.PutRestApiOutput, error) {
	out, err := m.APIs.PutRestApi(ctx, in, o...)
	if meddle := m.afterPut; meddle != nil && err == nil {
		m.afterPut = nil
		meddle()
	}
	return out, err
}

// TestAnEditDuringARolloutReachesNobody: the working copy is changed after it
// was put, or in the moment before the deployment takes its snapshot. Such a
// deployment must never be under the stage.
func TestAnEditDuringARolloutReachesNobody(t *testing.T) {
	for _, when := range []string{"after it was put", "before it is deployed"} {
		t.Run(when, func(t *testing.T) {
			w := newWorld(t)
			s := w.subject("blog")
			before, _ := s.converge()
			x := &outsider{world: w, t: t, s: s, seen: before}
			edit := func() {
				x.patchIntegrationResponse("GET", page, "200", "replace /responseTemplates/application~1json tainted")
			}
			m := &meddled{}
			if when == "after it was put" {
				m.afterPut = edit
			} else {
				m.beforeDeploy = edit
			}
			s.wrap = func(c *provision.Cloud) { m.APIs, c.APIs = c.APIs, m }
			url := w.local.InvokeURL(before.Observed.API.ID, "prod") + "/comments/p"
			s.onOp = func(plan.Op) {
				if status, body, err := get(t.Context(), url); err != nil || status != http.StatusOK || strings.Contains(body, "tainted") {
					t.Errorf("clients are served %d %s %v", status, body, err)
				}
			}
			s.spec.Comments.PageSize = 7
			after, _ := s.converge()
			if served := after.Observed.API.Stages["prod"].DeploymentID; served == m.tainted {
				t.Errorf("deployment %s, made of the edited working copy, is under the stage", served)
			}
			if m.afterPut != nil || m.beforeDeploy != nil {
				t.Error("nobody meddled; the test proves nothing")
			}
		})
	}
}

// TestARoleKeepsItsPath: paths can't change, so another setting concerns new
// roles only.
func TestARoleKeepsItsPath(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	s.converge()
	s.settings.RolePath = "/elsewhere/"
	if r := s.look(); !r.Plan.Empty() {
		t.Errorf("another role path plans %s; want nothing", describe(r.Plan))
	}
}
