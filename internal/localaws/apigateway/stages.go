// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

const (
	maxStages        = 10  // per API (aws-facts A3)
	maxVariables     = 100 // per stage (aws-facts A3)
	maxVariableName  = 64
	maxVariableValue = 512
)

var (
	errNoStage    = notFound("Invalid stage identifier specified")
	stageName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)                        // aws-facts D7
	variableName  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)                               // aws-facts D7
	variableValue = regexp.MustCompile(`^[A-Za-z0-9\-._~:/?#&=,]+$`)                    // aws-facts D7
	cacheSizes    = []string{"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"} // GB (aws-facts D4)
)

type createStageInput struct {
	StageName            string            `json:"stageName"`
	DeploymentID         string            `json:"deploymentId"`
	Description          string            `json:"description"`
	CacheClusterEnabled  bool              `json:"cacheClusterEnabled"`
	CacheClusterSize     string            `json:"cacheClusterSize"`
	Variables            map[string]string `json:"variables"`
	DocumentationVersion string            `json:"documentationVersion"`
	CanarySettings       any               `json:"canarySettings"`
	TracingEnabled       bool              `json:"tracingEnabled"`
	Tags                 map[string]string `json:"tags"`
}

func (s *Service) createStage(q *request) (int, any, error) {
	var in createStageInput
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	if in.CanarySettings != nil {
		return 0, nil, notImplemented("canary settings")
	}
	rec, err := s.change(q, noAPI, func(rec *record) error {
		if rec.stages[in.StageName] != nil {
			return conflict("Stage already exists")
		}
		return s.addStage(rec, &in)
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, s.viewStage(rec.stages[in.StageName]), nil
}

// addStage makes a stage; one of the name must not exist.
func (s *Service) addStage(rec *record, in *createStageInput) error {
	switch {
	case !stageName.MatchString(in.StageName):
		return badRequest("Stage name only allows a-zA-Z0-9_- and at most 128 characters: '%s'", in.StageName)
	case rec.deployments[in.DeploymentID] == nil:
		return badRequest("Deployment id does not exist")
	case len(rec.stages) >= maxStages:
		return limitExceeded("Maximum number of stages for this API has been reached. Please contact AWS if you need additional stages.")
	}
	if err := checkVariables(in.Variables); err != nil {
		return err
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	now := s.env.Now().Unix()
	st := &model.Stage{
		StageName: in.StageName, DeploymentID: in.DeploymentID, Description: in.Description,
		CacheClusterStatus: "NOT_AVAILABLE", MethodSettings: map[string]*model.MethodSetting{},
		Variables: maps.Clone(in.Variables), TracingEnabled: in.TracingEnabled, Tags: maps.Clone(in.Tags),
		DocumentationVersion: in.DocumentationVersion, CreatedDate: now, LastUpdatedDate: now,
	}
	if in.CacheClusterEnabled || in.CacheClusterSize != "" {
		if err := s.setCache(st, in.CacheClusterEnabled, in.CacheClusterSize); err != nil {
			return err
		}
	}
	rec.stages[in.StageName] = st
	return nil
}

func checkVariables(variables map[string]string) error {
	if len(variables) > maxVariables {
		return badRequest("Stage has %d variables, at most %d are allowed", len(variables), maxVariables)
	}
	for k, v := range variables {
		if !variableName.MatchString(k) || len(k) > maxVariableName {
			return badRequest("Invalid stage variable name '%s': use a-zA-Z0-9_, at most %d characters", k, maxVariableName)
		}
		if !variableValue.MatchString(v) || len(v) > maxVariableValue {
			return badRequest("Stage variable value '%s' of '%s' must match [A-Za-z0-9-._~:/?#&=,]+ and have at most %d characters", v, k, maxVariableValue)
		}
	}
	return nil
}

// setCache switches a stage's cache cluster; its status then follows the
// clock (aws-facts D4).
func (s *Service) setCache(st *model.Stage, enabled bool, size string) error {
	if size != "" {
		if !slices.Contains(cacheSizes, size) {
			return badRequest("Invalid cache cluster size '%s' specified. Valid options are %s", size, strings.Join(cacheSizes, ","))
		}
		st.CacheClusterSize = size
	}
	if enabled && st.CacheClusterSize == "" {
		st.CacheClusterSize = cacheSizes[0]
	}
	if enabled != st.CacheClusterEnabled || size != "" {
		st.CacheChanged = s.env.Now()
	}
	st.CacheClusterEnabled = enabled
	return nil
}

// viewStage is the stage with the status its cache cluster has by now.
func (s *Service) viewStage(st *model.Stage) *model.Stage {
	if st.CacheChanged.IsZero() {
		return st
	}
	v := *st
	settling := s.env.Now().Sub(st.CacheChanged) < s.env.Nature().Delays.CacheCluster.D()
	switch {
	case st.CacheClusterEnabled && settling:
		v.CacheClusterStatus = "CREATE_IN_PROGRESS"
	case st.CacheClusterEnabled:
		v.CacheClusterStatus = "AVAILABLE"
	case settling:
		v.CacheClusterStatus = "DELETE_IN_PROGRESS"
	default:
		v.CacheClusterStatus = "NOT_AVAILABLE"
		v.CacheClusterSize = ""
	}
	return &v
}

func (s *Service) getStage(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	st := rec.stages[q.vars["stageName"]]
	if st == nil {
		return 0, nil, errNoStage
	}
	return http.StatusOK, s.viewStage(st), nil
}

// getStages answers all stages; there is no paging (aws-facts C1).
func (s *Service) getStages(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	items := []*model.Stage{}
	deployment := q.query.Get("deploymentId")
	for _, name := range slices.Sorted(maps.Keys(rec.stages)) {
		if st := rec.stages[name]; deployment == "" || st.DeploymentID == deployment {
			items = append(items, s.viewStage(st))
		}
	}
	return http.StatusOK, list{Item: items}, nil
}

func (s *Service) updateStage(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.Stage
	_, err = s.change(q, noAPI, func(rec *record) error {
		st := rec.stages[q.vars["stageName"]]
		if st == nil {
			return errNoStage
		}
		changed = st.Clone()
		for i := range ops {
			if err := s.patchStage(q, rec, changed, &ops[i]); err != nil {
				return err
			}
		}
		if err := checkAccessLog(changed.AccessLogSettings); err != nil {
			return err
		}
		if err := checkVariables(changed.Variables); err != nil {
			return err
		}
		changed.LastUpdatedDate = s.env.Now().Unix()
		rec.stages[st.StageName] = changed
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.viewStage(changed), nil
}

func (s *Service) deleteStage(q *request) (int, any, error) {
	_, err := s.change(q, noAPI, func(rec *record) error {
		name := q.vars["stageName"]
		if rec.stages[name] == nil {
			return errNoStage
		}
		if domains := s.heldBy(rec.work.API.ID, name); domains != "" {
			return badRequest("Deleting stage %s failed. Please remove all base path mappings related to the stage in your domains: %s", name, domains)
		}
		delete(rec.stages, name)
		s.forgetStages(rec.work.API.ID, name)
		return nil
	})
	return http.StatusAccepted, nil, err
}

func (s *Service) flushStageCache(q *request) (int, any, error) {
	_, err := s.change(q, noAPI, func(rec *record) error {
		st := rec.stages[q.vars["stageName"]]
		switch {
		case st == nil:
			return errNoStage
		case !st.CacheClusterEnabled:
			return badRequest("Cache cluster is not enabled on stage '%s'", st.StageName)
		}
		changed := st.Clone()
		changed.CacheFlushes++
		rec.stages[st.StageName] = changed
		return nil
	})
	return http.StatusAccepted, nil, err
}
