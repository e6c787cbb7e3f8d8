// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// fact is something that AWS's documentation leaves open, and that one run
// against an account can settle. Nothing in the operator relies on any.
type fact struct {
	name string
	// look returns what was seen, in words.
	look func(context.Context) (string, error)
}

// observeFacts looks at all of them and writes them down. What one call
// answers is an observation, even a refusal; it never fails the run.
func (w *world) observeFacts(ctx context.Context) error {
	w.say("looking at what the documentation leaves open")
	lab, err := w.newLab(ctx)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	for _, f := range slices.Concat(lab.templateFacts(), lab.definitionFacts(), w.tableFacts()) {
		text, err := f.look(ctx)
		if err != nil {
			text = "refused: " + err.Error()
		}
		seen[f.name] = text
		w.say("%s: %s", f.name, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if w.facts == "" {
		return nil
	}
	text, err := json.MarshalIndent(seen, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(w.facts, append(text, '\n'), 0o644)
}

// lab is a REST API of one mock method, GET /{id}, to try templates on.
type lab struct {
	apis     *apigateway.Client
	id       string
	resource string
	prefix   string
	pace     time.Duration
}

func (w *world) newLab(ctx context.Context) (*lab, error) {
	l := &lab{apis: w.cloud.apis, prefix: w.prefix, pace: w.pace}
	made, err := l.apis.CreateRestApi(ctx, &apigateway.CreateRestApiInput{
		Name: aws.String(w.prefix + "-lab"), Tags: map[string]string{ownTag: w.prefix},
		EndpointConfiguration: &agtypes.EndpointConfiguration{Types: []agtypes.EndpointType{agtypes.EndpointTypeRegional}},
	})
	if err != nil {
		return nil, err
	}
	l.id = *made.Id
	if err := l.put(ctx, "ok", ""); err != nil {
		return nil, err
	}
	resources, err := l.apis.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &l.id, Limit: aws.Int32(500)})
	if err != nil {
		return nil, err
	}
	for _, r := range resources.Items {
		if aws.ToString(r.Path) == "/{id}" {
			l.resource = *r.Id
			return l, nil
		}
	}
	return nil, fmt.Errorf("the API %s has no resource /{id}", l.id)
}

// put overwrites the definition; more holds further members of the document.
func (l *lab) put(ctx context.Context, response, more string) error {
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	body := `{"openapi":"3.0.1","info":{"title":` + quote(l.prefix+"-lab") + `,"version":"1"},"paths":{"/{id}":{"get":{
		"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"responses":{"200":{"description":"ok"},"400":{"description":"other"}},
		"x-amazon-apigateway-integration":{"type":"mock","passthroughBehavior":"never",
			"requestTemplates":{"application/json":"{\"statusCode\":200}"},
			"responses":{"2":{"statusCode":"400","responseTemplates":{"application/json":"prefix"}},
				"default":{"statusCode":"200","responseTemplates":{"application/json":` + quote(response) + `}}}}}}}` + more + `}`
	_, err := l.apis.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: &l.id, Mode: agtypes.PutModeOverwrite, Body: []byte(body)})
	time.Sleep(l.pace)
	return err
}

// render is what the response template makes of a call.
func (l *lab) render(ctx context.Context, template, path string) (string, error) {
	if err := l.put(ctx, template, ""); err != nil {
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

func (l *lab) templateFacts() []fact {
	rendered := func(name, template, path string) fact {
		return fact{name, func(ctx context.Context) (string, error) { return l.render(ctx, template, path) }}
	}
	return []fact{
		rendered("escapeJavaScript of an empty text", `[$util.escapeJavaScript("")]`, "/x"),
		rendered("escapeJavaScript of what is missing", `[$util.escapeJavaScript($input.path('$.missing'))]`, "/x"),
		rendered("escapeJavaScript of a slash and of ü", `[$util.escapeJavaScript("/ü")]`, "/x"),
		rendered("$input.json of what is missing", `[$input.json('$.missing')]`, "/x"),
		rendered("$velocityCount", `#foreach($i in [7,8])$velocityCount#end`, "/x"),
		rendered("%2B in a path parameter", `[$input.params('id')]`, "/a%2Bb"),
		rendered("arithmetic on requestTimeEpoch", `#set($t = $context.requestTimeEpoch / 1000)[$t]`, "/x"),
		rendered("a pattern that matches the beginning of the status", `default`, "/x"),
	}
}

func (l *lab) definitionFacts() []fact {
	return []fact{
		{"a template with CRLF, tab and ü, read back", func(ctx context.Context) (string, error) {
			want := "a\r\nb\tü"
			if err := l.put(ctx, want, ""); err != nil {
				return "", err
			}
			got, err := l.apis.GetIntegrationResponse(ctx, &apigateway.GetIntegrationResponseInput{
				RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
			})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("sent %q, read %q", want, got.ResponseTemplates["application/json"]), nil
		}},
		{"overwriting leaves of models, validators, gateway responses and tags", l.overwritten},
	}
}

func (l *lab) overwritten(ctx context.Context) (string, error) {
	more := `,"components":{"schemas":{"Thing":{"type":"object","properties":{"a":{"type":"string"}}}}},
		"x-amazon-apigateway-request-validators":{"all":{"validateRequestBody":true,"validateRequestParameters":true}},
		"x-amazon-apigateway-gateway-responses":{"THROTTLED":{"statusCode":"429","responseTemplates":{"application/json":"{}"}}}`
	if err := l.put(ctx, "ok", more); err != nil {
		return "", err
	}
	if err := l.put(ctx, "ok", ""); err != nil {
		return "", err
	}
	models, err := l.apis.GetModels(ctx, &apigateway.GetModelsInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	validators, err := l.apis.GetRequestValidators(ctx, &apigateway.GetRequestValidatorsInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	responses, err := l.apis.GetGatewayResponses(ctx, &apigateway.GetGatewayResponsesInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	own := 0
	for _, r := range responses.Items {
		if !r.DefaultResponse {
			own++
		}
	}
	api, err := l.apis.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d models, %d validators, %d gateway responses, %d tags", len(models.Items), len(validators.Items), own, len(api.Tags)), nil
}

// tableFacts are about one small table with deletion protection.
func (w *world) tableFacts() []fact {
	name, tables := w.prefix+"-lab", w.cloud.tables
	return []fact{
		{"throughput of an on-demand table, read back", func(ctx context.Context) (string, error) {
			_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
				TableName: &name, BillingMode: ddbtypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true),
				AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
				KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
			})
			if err != nil {
				return "", err
			}
			waiter := dynamodb.NewTableExistsWaiter(tables, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, 5*time.Second })
			out, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 3*time.Minute)
			if err != nil {
				return "", err
			}
			p := out.Table.ProvisionedThroughput
			if p == nil {
				return "absent", nil
			}
			return fmt.Sprintf("%d/%d", aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)), nil
		}},
		{"DeleteTable under deletion protection", func(ctx context.Context) (string, error) {
			_, err := tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
			return answer(err), nil
		}},
		{"UpdateTable that changes nothing", func(ctx context.Context) (string, error) {
			_, err := tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(true)})
			return answer(err), nil
		}},
	}
}

func answer(err error) string {
	if err == nil {
		return "accepted"
	}
	// Request ids differ from run to run.
	text := err.Error()
	if i := strings.LastIndex(text, "api error "); i >= 0 {
		text = text[i+len("api error "):]
	}
	return text
}
