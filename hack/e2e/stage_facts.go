// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// propagation bounds the wait until a deployment serves; AWS gives no bound
// (aws-facts A4).
const propagation = 2 * time.Minute

// stageFacts are about stages, and what only a call of one can tell. Each has a
// stage of its own, so that none is answered by the deployment of another.
func (l *lab) stageFacts() []fact {
	return []fact{
		{"K8", "a request template for $default", l.defaultTemplate},
		{"K8", "a request model for $default", l.defaultModel},
		{"K9", "%2B in a path parameter, by a call", func(ctx context.Context) (string, error) {
			return l.call(ctx, fallback(`[$input.params('id')]`), "path", request{http.MethodGet, "/things/a%2Bb", "", ""})
		}},
		{"K10", "a call without a body, of a content type without a template", func(ctx context.Context) (string, error) {
			return l.call(ctx, fallback("ok"), "bodyless", request{http.MethodGet, "/things/x", "", "text/plain"})
		}},
		{"K13", "variables of a second deployment to a stage", l.variables},
		{"K13", "the key of a nested method's settings, read back", l.settings},
		{"K3", "a stage moved to another deployment serves it", l.moved},
	}
}

// request is a call of the lab's method.
type request struct{ verb, path, body, contentType string }

// call deploys a method to a new stage and tells how it answers. A stage that
// doesn't serve yet answers 403 or 404.
func (l *lab) call(ctx context.Context, m method, stage string, r request) (string, error) {
	v, err := l.deploy(ctx, m, stage)
	if err != nil {
		return "", err
	}
	header := map[string]string{}
	if r.contentType != "" {
		header["Content-Type"] = r.contentType
	}
	ctx, cancel := context.WithTimeout(ctx, propagation)
	defer cancel()
	var status int
	var answer []byte
	err = l.until(ctx, "the stage "+stage+" serves", func() (bool, string, error) {
		var err error
		status, answer, err = v.send(ctx, r.verb, r.path, r.body, header)
		return err == nil && status != http.StatusForbidden && status != http.StatusNotFound, fmt.Sprint(status, err), nil
	})
	return fmt.Sprintf("%d %q", status, answer), err
}

func (l *lab) defaultTemplate(ctx context.Context) (string, error) {
	m := fallback("ok")
	m.verb, m.templates = "post", map[string]string{"$default": answer200}
	answer, err := l.call(ctx, m, "template", request{http.MethodPost, "/things/x", "{}", "text/plain"})
	if err != nil {
		return "", err
	}
	got, err := l.apis.GetIntegration(ctx, &apigateway.GetIntegrationInput{RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("POST")})
	if err != nil {
		return "", err
	}
	return "read back for " + keys(got.RequestTemplates) + "; text/plain is answered " + answer, nil
}

// defaultModel sends what the model forbids, as a content type that has a
// template: 200 says that it was not validated.
func (l *lab) defaultModel(ctx context.Context) (string, error) {
	m := fallback("ok")
	m.verb, m.templates = "post", map[string]string{jsonType: answer200, "text/plain": answer200}
	m.content = map[string]any{"$default": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Thing"}}}
	m.more = map[string]any{"components": thing, "x-amazon-apigateway-request-validators": validators}
	answer, err := l.call(ctx, m, "model", request{http.MethodPost, "/things/x", "{}", "text/plain"})
	if err != nil {
		return "", err
	}
	got, err := l.apis.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("POST")})
	if err != nil {
		return "", err
	}
	return "read back for " + keys(got.RequestModels) + "; text/plain is answered " + answer, nil
}

func (l *lab) variables(ctx context.Context) (string, error) {
	stage := aws.String("variables")
	if err := l.put(ctx, fallback("ok")); err != nil {
		return "", err
	}
	for _, name := range []string{"first", "second"} {
		_, err := l.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &l.id, StageName: stage, Variables: map[string]string{name: "1"}})
		if err != nil {
			return "", err
		}
	}
	got, err := l.apis.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &l.id, StageName: stage})
	if err != nil {
		return "", err
	}
	return "the stage has " + keys(got.Variables), nil
}

func (l *lab) settings(ctx context.Context) (string, error) {
	const stage = "settings"
	if _, err := l.deploy(ctx, fallback("ok"), stage); err != nil {
		return "", err
	}
	got, err := l.apis.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &l.id, StageName: aws.String(stage), PatchOperations: []agtypes.PatchOperation{
		{Op: agtypes.OpReplace, Path: aws.String("/~1things~1{id}/GET/throttling/burstLimit"), Value: aws.String("7")},
	}})
	if err != nil {
		return "", err
	}
	return keys(got.MethodSettings), nil
}

// moved tells how long a stage still serves what it did.
func (l *lab) moved(ctx context.Context) (string, error) {
	const stage = "moved"
	if _, err := l.call(ctx, fallback("one"), stage, request{http.MethodGet, "/things/x", "", ""}); err != nil {
		return "", err
	}
	v, err := l.deploy(ctx, fallback("two"), stage)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, propagation)
	defer cancel()
	began := time.Now()
	err = l.until(ctx, "the stage "+stage+" serves its new deployment", func() (bool, string, error) {
		_, answer, err := v.send(ctx, http.MethodGet, "/things/x", "", nil)
		return string(answer) == "two", fmt.Sprintf("%q %v", answer, err), nil
	})
	return fmt.Sprintf("after %d s", int(time.Since(began).Seconds())), err
}
