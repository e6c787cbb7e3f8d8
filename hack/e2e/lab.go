// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/awscloud"
)

// jsonType is the media type of what the lab sends and answers.
const jsonType = "application/json"

// path is the lab's one resource: nested, since what AWS makes of nested paths
// is open (aws-facts K13).
const path = "/things/{id}"

// answer200 makes a mock answer 200 (aws-facts B4).
const answer200 = `{"statusCode":200}`

// lab is a REST API of one mock method on one resource, to try things on.
type lab struct {
	*world
	apis     *apigateway.Client
	id       string
	resource string
}

// method is the lab's one method. It stands alone in each probe: nothing in it
// leans on another point that is open.
type method struct {
	// verb is in lower case.
	verb string
	// templates are of requests, by content type.
	templates map[string]string
	// responses are by selection pattern.
	responses map[string]outcome
	// content are the models of the request's body, by content type.
	content map[string]any
	// backend are members of an integration that is no mock.
	backend map[string]any
	// more are further members of the document.
	more map[string]any
}

// outcome is an integration response.
type outcome struct {
	StatusCode string            `json:"statusCode"`
	Templates  map[string]string `json:"responseTemplates"`
}

func says(status, template string) outcome {
	return outcome{StatusCode: status, Templates: map[string]string{jsonType: template}}
}

// fallback is a GET with the default response alone: whatever selection
// patterns match, there is none that could.
func fallback(template string) method {
	return method{verb: "get", templates: map[string]string{jsonType: answer200}, responses: map[string]outcome{"default": says("200", template)}}
}

// document is the OpenAPI document with the method.
func (m method) document(title string) ([]byte, error) {
	declared := map[string]any{}
	for _, r := range m.responses {
		declared[r.StatusCode] = map[string]any{"description": "an answer"}
	}
	operation := map[string]any{
		"parameters": []any{map[string]any{"name": "id", "in": "path", "required": true, "schema": map[string]any{"type": "string"}}},
		"responses":  declared,
		"x-amazon-apigateway-integration": map[string]any{
			"type": "mock", "passthroughBehavior": "never", "requestTemplates": m.templates, "responses": m.responses,
		},
	}
	maps.Copy(operation["x-amazon-apigateway-integration"].(map[string]any), m.backend)
	if m.content != nil {
		operation["requestBody"] = map[string]any{"required": true, "content": m.content}
		operation["x-amazon-apigateway-request-validator"] = "all"
	}
	document := map[string]any{
		"openapi": "3.0.1", "info": map[string]any{"title": title, "version": "1"},
		"paths": map[string]any{path: map[string]any{m.verb: operation}},
	}
	maps.Copy(document, m.more)
	return json.Marshal(document)
}

func (w *world) newLab(ctx context.Context) (*lab, error) {
	l := &lab{world: w, apis: w.cloud.apis}
	made, err := l.apis.CreateRestApi(ctx, &apigateway.CreateRestApiInput{
		Name: aws.String(w.prefix + "-lab"), Tags: map[string]string{ownTag: w.prefix},
		EndpointConfiguration: &agtypes.EndpointConfiguration{Types: []agtypes.EndpointType{agtypes.EndpointTypeRegional}},
	})
	if err != nil {
		return nil, err
	}
	l.id = *made.Id
	if err := l.put(ctx, fallback("ok")); err != nil {
		return nil, err
	}
	resources, err := l.apis.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &l.id, Limit: aws.Int32(500)})
	if err != nil {
		return nil, err
	}
	for _, r := range resources.Items {
		if aws.ToString(r.Path) == path {
			l.resource = *r.Id
			return l, nil
		}
	}
	return nil, fmt.Errorf("the API %s has no resource %s", l.id, path)
}

// put overwrites the definition. The resource keeps its id (aws-facts B2).
func (l *lab) put(ctx context.Context, m method) error {
	body, err := m.document(l.prefix + "-lab")
	if err != nil {
		return err
	}
	_, err = l.apis.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: &l.id, Mode: agtypes.PutModeOverwrite, Body: body})
	time.Sleep(l.pace)
	return err
}

// try is what the method makes of a GET, without a deployment.
func (l *lab) try(ctx context.Context, m method, path string) (string, error) {
	if err := l.put(ctx, m); err != nil {
		return "", err
	}
	out, err := l.apis.TestInvokeMethod(ctx, &apigateway.TestInvokeMethodInput{
		RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("GET"), PathWithQueryString: &path,
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %q", out.Status, aws.ToString(out.Body)), nil
}

// deploy deploys the method to a stage. AWS allows one deployment in 5 s
// (aws-facts A1); the SDK's retries wait for it.
func (l *lab) deploy(ctx context.Context, m method, stage string) (visitor, error) {
	if err := l.put(ctx, m); err != nil {
		return visitor{}, err
	}
	_, err := l.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &l.id, StageName: &stage})
	return visitor{l.invokeURL(stage)}, err
}

// invokeURL is where a stage serves (aws-facts I).
func (l *lab) invokeURL(stage string) string {
	shape := l.invokeURLs
	if shape == "" {
		shape = "https://{apiId}.execute-api.{region}.{dnsSuffix}/{stage}"
	}
	_, suffix := awscloud.PartitionOf(l.region)
	return strings.NewReplacer("{apiId}", l.id, "{region}", l.region, "{dnsSuffix}", suffix, "{stage}", stage).Replace(shape)
}
