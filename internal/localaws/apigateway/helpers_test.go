// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"github.com/commentsapi/operator/internal/localaws/core"
)

const testAccount = "123456789012"

// world is an API Gateway, the SDK's own client for it, and the clock.
type world struct {
	t      *testing.T
	ctx    context.Context
	env    *core.Env
	clock  *core.FakeClock
	svc    *Service
	client *sdk.Client
	url    string
	caller core.Caller
}

func newWorld(t *testing.T, nature core.Nature) *world {
	t.Helper()
	clock := core.NewFakeClock(time.Unix(1_800_000_000, 0))
	env := core.NewEnv(clock, nature)
	w := &world{t: t, ctx: t.Context(), env: env, clock: clock, svc: New(env), caller: core.Caller{
		AccountID: testAccount, Region: "eu-west-1", Partition: "aws", ARN: "arn:aws:iam::" + testAccount + ":user/local",
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.svc.ServeHTTP(rw, r.WithContext(core.WithCaller(r.Context(), w.caller)))
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.client = sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
	return w
}

// as makes the caller somebody else for the duration of fn.
func (w *world) as(c core.Caller, fn func()) {
	before := w.caller
	w.caller = c
	fn()
	w.caller = before
}

func (w *world) createAPI() string {
	w.t.Helper()
	out, err := w.client.CreateRestApi(w.ctx, &sdk.CreateRestApiInput{
		Name: aws.String("blog"), Tags: map[string]string{"commentsapi.io/name": "blog"},
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
	})
	w.must(err)
	return *out.Id
}

// put overwrites the API with a document.
func (w *world) put(api string, doc []byte) *sdk.PutRestApiOutput {
	w.t.Helper()
	out, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{
		RestApiId: &api, Mode: types.PutModeOverwrite, FailOnWarnings: true, Body: doc,
	})
	w.must(err)
	return out
}

// deployed makes an API with the comments document, a deployment and a stage
// called prod.
func (w *world) deployed() (api, deployment string) {
	w.t.Helper()
	api = w.createAPI()
	w.put(api, commentsDoc(w.t))
	d, err := w.client.CreateDeployment(w.ctx, &sdk.CreateDeploymentInput{RestApiId: &api, Description: aws.String("definition 1")})
	w.must(err)
	_, err = w.client.CreateStage(w.ctx, &sdk.CreateStageInput{RestApiId: &api, StageName: aws.String("prod"), DeploymentId: d.Id})
	w.must(err)
	return api, *d.Id
}

func (w *world) resources(api string) map[string]types.Resource {
	w.t.Helper()
	out, err := w.client.GetResources(w.ctx, &sdk.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}, Limit: aws.Int32(500)})
	w.must(err)
	found := map[string]types.Resource{}
	for _, r := range out.Items {
		found[*r.Path] = r
	}
	return found
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks that err has the code and a message that contains text.
func refused(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error = %v; want %s", err, code)
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Fatalf("error = %s %q; want %s with %q", api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}

func commentsDoc(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/comments.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// edited returns the comments document after fn changed it.
func edited(t testing.TB, fn func(doc map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(commentsDoc(t), &doc); err != nil {
		t.Fatal(err)
	}
	fn(doc)
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// at descends into nested objects.
func dig(doc map[string]any, path ...string) map[string]any {
	for _, p := range path {
		doc = doc[p].(map[string]any)
	}
	return doc
}

func patch(op types.Op, path, value string) types.PatchOperation {
	p := types.PatchOperation{Op: op, Path: &path}
	if value != "" {
		p.Value = &value
	}
	return p
}
