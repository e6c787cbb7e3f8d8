// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

var errNoDeployment = notFound("Invalid Deployment identifier specified")

type createDeploymentInput struct {
	StageName           string            `json:"stageName"`
	StageDescription    string            `json:"stageDescription"`
	Description         string            `json:"description"`
	CacheClusterEnabled *bool             `json:"cacheClusterEnabled"`
	CacheClusterSize    string            `json:"cacheClusterSize"`
	Variables           map[string]string `json:"variables"`
	CanarySettings      any               `json:"canarySettings"`
	TracingEnabled      *bool             `json:"tracingEnabled"`
}

// createDeployment freezes the working copy; with a stage name it also makes
// or repoints that stage (aws-facts D1).
func (s *Service) createDeployment(q *request) (int, any, error) {
	var in createDeploymentInput
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	if in.CanarySettings != nil {
		return 0, nil, notImplemented("canary deployments")
	}
	var d *model.Deployment
	_, err := s.change(q, noAPI, func(rec *record) error {
		if err := deployable(rec.work); err != nil {
			return err
		}
		d = &model.Deployment{ID: newID(6), Description: in.Description, CreatedDate: s.env.Now().Unix(), Snapshot: rec.work}
		for rec.deployments[d.ID] != nil {
			d.ID = newID(6)
		}
		rec.sequence++
		rec.deployments[d.ID], rec.order[d.ID] = d, rec.sequence
		if in.StageName == "" {
			return nil
		}
		return s.deployTo(rec, d, &in)
	})
	return http.StatusCreated, d, err
}

// deployable refuses definitions that can't be deployed (aws-facts D1).
func deployable(work *model.Snapshot) error {
	methods := 0
	for _, r := range work.Resources {
		for _, m := range r.ResourceMethods {
			methods++
			if m.MethodIntegration == nil {
				return badRequest("No integration defined for method")
			}
		}
	}
	if methods == 0 {
		return badRequest("The REST API doesn't contain any methods")
	}
	return nil
}

// deployTo points the stage at the deployment. What happens to the variables
// of an existing stage is unconfirmed (aws-facts D1), so that is refused.
func (s *Service) deployTo(rec *record, d *model.Deployment, in *createDeploymentInput) error {
	st := rec.stages[in.StageName]
	if st == nil {
		return s.addStage(rec, &createStageInput{
			StageName: in.StageName, DeploymentID: d.ID, Description: in.StageDescription, Variables: in.Variables,
			CacheClusterEnabled: in.CacheClusterEnabled != nil && *in.CacheClusterEnabled, CacheClusterSize: in.CacheClusterSize,
			TracingEnabled: in.TracingEnabled != nil && *in.TracingEnabled,
		})
	}
	if len(in.Variables) > 0 {
		return notImplemented("CreateDeployment with variables on an existing stage: set them by UpdateStage")
	}
	st = st.Clone()
	st.DeploymentID = d.ID
	if in.StageDescription != "" {
		st.Description = in.StageDescription
	}
	if in.TracingEnabled != nil {
		st.TracingEnabled = *in.TracingEnabled
	}
	if in.CacheClusterEnabled != nil || in.CacheClusterSize != "" {
		enabled := st.CacheClusterEnabled
		if in.CacheClusterEnabled != nil {
			enabled = *in.CacheClusterEnabled
		}
		if err := s.setCache(st, enabled, in.CacheClusterSize); err != nil {
			return err
		}
	}
	st.LastUpdatedDate = s.env.Now().Unix()
	rec.stages[in.StageName] = st
	return nil
}

// deploymentView adds what embed=apisummary asks for (aws-facts C1).
type deploymentView struct {
	*model.Deployment
	APISummary map[string]map[string]methodSummary `json:"apiSummary,omitempty"`
}

type methodSummary struct {
	AuthorizationType string `json:"authorizationType"`
	APIKeyRequired    bool   `json:"apiKeyRequired"`
}

func viewDeployment(d *model.Deployment, withSummary bool) deploymentView {
	v := deploymentView{Deployment: d}
	if !withSummary {
		return v
	}
	v.APISummary = map[string]map[string]methodSummary{}
	for _, r := range d.Snapshot.Resources {
		for verb, m := range r.ResourceMethods {
			if v.APISummary[r.Path] == nil {
				v.APISummary[r.Path] = map[string]methodSummary{}
			}
			v.APISummary[r.Path][verb] = methodSummary{AuthorizationType: m.AuthorizationType, APIKeyRequired: m.APIKeyRequired}
		}
	}
	return v
}

func (s *Service) getDeployment(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	d := rec.deployments[q.vars["deploymentId"]]
	if d == nil {
		return 0, nil, errNoDeployment
	}
	return http.StatusOK, viewDeployment(d, embeds(q, "apisummary")), nil
}

func (s *Service) getDeployments(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	key := func(v deploymentView) string { return fmt.Sprintf("%012d", rec.order[v.ID]) }
	var items []deploymentView
	for _, d := range rec.deployments {
		items = append(items, viewDeployment(d, embeds(q, "apisummary")))
	}
	slices.SortFunc(items, func(a, b deploymentView) int { return strings.Compare(key(a), key(b)) })
	p, err := page(q, items, key)
	return http.StatusOK, p, err
}

// updateDeployment changes the description and nothing else (aws-facts D1).
func (s *Service) updateDeployment(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed model.Deployment
	_, err = s.change(q, noAPI, func(rec *record) error {
		d := rec.deployments[q.vars["deploymentId"]]
		if d == nil {
			return errNoDeployment
		}
		changed = *d
		for i := range ops {
			if err := ops[i].replacesOnly("/description"); err != nil {
				return err
			}
			changed.Description = ops[i].text()
		}
		rec.deployments[d.ID] = &changed
		return nil
	})
	return http.StatusOK, &changed, err
}

func (s *Service) deleteDeployment(q *request) (int, any, error) {
	id := q.vars["deploymentId"]
	_, err := s.change(q, noAPI, func(rec *record) error {
		if rec.deployments[id] == nil {
			return errNoDeployment
		}
		for _, st := range rec.stages {
			if st.DeploymentID == id {
				return badRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		delete(rec.deployments, id)
		delete(rec.order, id)
		return nil
	})
	return http.StatusAccepted, nil, err
}
