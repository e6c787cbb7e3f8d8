// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/commentsapi/operator/hack/rig"
)

// localAnswers are what the local AWS does about each open point. Where it
// refuses, it does so rather than guess.
func localAnswers() map[string]string {
	return map[string]string{
		"$input.json of what is missing":               `200 "[\"\"]"`,
		"$velocityCount":                               `200 "12"`,
		"%2B in a path parameter, by TestInvokeMethod": `200 "[a+b]"`,
		"%2B in a path parameter, by a call":           `200 "[a+b]"`,
		"CreateTable with an attribute that no key uses": "ValidationException: One or more parameter values were invalid: " +
			"Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
		"DeleteTable under deletion protection": "ValidationException: Resource cannot be deleted as it is currently protected against deletion. " +
			"Disable deletion protection first.",
		"UpdateTable that changes nothing":                            "ValidationException: The requested value of DeletionProtectionEnabled equals the current value; nothing would change",
		"a call without a body, of a content type without a template": `415 "{\"message\":\"Unsupported Media Type\"}"`,
		"a name with a hyphen":                                        `200 "[]"`,
		"a pattern that matches the beginning of the status":          `200 "default"`,
		"a pattern that matches the end of the status":                `200 "default"`,
		"a request model for $default":                                `read back for [$default]; text/plain is answered 400 "{\"message\":\"Invalid request body\"}"`,
		"a request template for $default":                             `read back for [$default]; text/plain is answered 415 "{\"message\":\"Unsupported Media Type\"}"`,
		"a role for calls that name their source":                     `not sent: 500 "{\"message\":\"Internal server error\"}"`,
		"an import by somebody who may not pass the role":             "refused for want of iam:PassRole",
		"a stage moved to another deployment serves it":               "after N s",
		"a template with CRLF, tab and ü, read back":                  `sent "a\r\nb\tü", read "a\r\nb\tü"`,
		"arithmetic on requestTimeEpoch":                              `200 "[N]"`,
		"escapeJavaScript of a slash and of ü":                        `200 "[\\/\\u00FC]"`,
		"escapeJavaScript of an empty text":                           `200 "[]"`,
		"escapeJavaScript of what is missing":                         `200 "[]"`,
		"lists of one in a trust policy, read back":                   "as sent",
		"overwriting leaves of authorizers": "refused: NotImplementedException: " +
			"The local AWS does not implement API Gateway's POST /restapis/{apiId}/authorizers.",
		"overwriting leaves of models, validators, gateway responses and tags": "0 models, 0 validators, 0 gateway responses, 1 tags",
		"the key of a nested method's settings, read back":                     "[things~1{id}/GET]",
		"throughput of an on-demand table, read back":                          "0/0",
		"two patterns of one status code, imported": "refused: BadRequestException: Errors found during import:\n" +
			"\tUnable to put integration response on 'GET' for resource at path '/things/{id}': two responses have the status code 200. " +
			"What AWS does then is unconfirmed, and the local AWS refuses it",
		"variables of a second deployment to a stage": "refused: NotImplementedException: " +
			"The local AWS does not implement CreateDeployment with variables on an existing stage: set them by UpdateStage.",
	}
}

var (
	moments = regexp.MustCompile(`^200 "\[[0-9]{10}\]"$`)
	delays  = regexp.MustCompile(`^after [0-9]+ s$`)
)

// observed reads what a run wrote down, without what the clock says.
func observed(t *testing.T, s settings) map[string]string {
	t.Helper()
	text, err := os.ReadFile(s.facts)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	if err := json.Unmarshal(text, &seen); err != nil {
		t.Fatal(err)
	}
	for name, text := range seen {
		seen[name] = delays.ReplaceAllString(moments.ReplaceAllString(text, `200 "[N]"`), "after N s")
	}
	return seen
}

// look observes all open points against the AWS of the environment, without a
// cluster.
func look(t *testing.T, s settings, c *cloud) map[string]string {
	t.Helper()
	w := &world{settings: s, cloud: c, out: t.Output(), operator: &rig.Manager{}}
	if err := w.observeFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.sweep(t.Context(), t.Output()); err != nil {
		t.Fatal(err)
	}
	return observed(t, s)
}

// An AWS whose selection patterns match anywhere in the status shows in the
// observations about patterns, and in no other.
func TestEachObservationStandsAlone(t *testing.T) {
	s := local(t)
	c, err := newCloud(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	c.apis = apigateway.New(c.apis.Options(), func(o *apigateway.Options) { o.APIOptions = append(o.APIOptions, anywhere) })
	want := localAnswers()
	maps.Copy(want, map[string]string{
		"a pattern that matches the beginning of the status": `400 "pattern"`,
		"a pattern that matches the end of the status":       `400 "pattern"`,
	})
	if diff := cmp.Diff(want, look(t, s, c)); diff != "" {
		t.Errorf("with patterns that match anywhere (-want +got):\n%s", diff)
	}
}

// anywhere makes the patterns of imported documents match anywhere in a status,
// on their way to an AWS that matches whole ones.
func anywhere(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("anywhere", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if put, ok := in.Parameters.(*apigateway.PutRestApiInput); ok {
			put.Body = pattern.ReplaceAll(put.Body, []byte(`".*$1.*":{"statusCode"`))
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

var pattern = regexp.MustCompile(`"([0-9]+)":{"statusCode"`)

// The page lists every open point, and for each what looks at it: all that the
// program observes, and nothing else.
func TestThePageListsWhatIsObserved(t *testing.T) {
	text, err := os.ReadFile("../../docs/e2e-aws.md")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{cloud: &cloud{}}
	want := map[string][]string{}
	for i := range 16 {
		want[fmt.Sprintf("K%d", i+1)] = nil
	}
	names := map[string]bool{}
	for _, f := range w.openPoints(&lab{world: w}) {
		if names[f.name] {
			t.Errorf("two observations are named %q: one would overwrite the other", f.name)
		}
		names[f.name] = true
		want[f.point] = append(want[f.point], f.name)
	}
	got := map[string][]string{}
	for _, row := range row.FindAllStringSubmatch(string(text), -1) {
		point, open, looksAt, meanwhile := row[1], row[2], row[3], row[4]
		got[point] = nil
		for _, name := range quoted.FindAllStringSubmatch(looksAt, -1) {
			got[point] = append(got[point], name[1])
		}
		if len(want[point]) == 0 && !strings.HasPrefix(looksAt, "nothing: ") {
			t.Errorf("%s: nothing looks at it, and the page doesn't say why: %q", point, looksAt)
		}
		if open == "" || meanwhile == "" {
			t.Errorf("%s: the page doesn't say what is open, or what is done meanwhile", point)
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("docs/e2e-aws.md (-want +got):\n%s", diff)
	}
}

var (
	row    = regexp.MustCompile(`(?m)^\| ([A-Z][0-9]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$`)
	quoted = regexp.MustCompile("`([^`]+)`")
)
