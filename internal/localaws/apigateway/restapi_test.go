// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestA4_CreateRestApiRefusals(t *testing.T) {
	for _, tc := range []struct {
		name       string
		in         sdk.CreateRestApiInput
		code, text string
	}{
		{"empty description", sdk.CreateRestApiInput{Name: aws.String("a"), Description: aws.String("")},
			"BadRequestException", "Description cannot be an empty string"},
		{"two endpoint types", sdk.CreateRestApiInput{Name: aws.String("a"), EndpointConfiguration: &types.EndpointConfiguration{
			Types: []types.EndpointType{"EDGE", "REGIONAL"}}}, "BadRequestException", "Cannot create an api with multiple Endpoint Types."},
		{"unknown endpoint type", sdk.CreateRestApiInput{Name: aws.String("a"), EndpointConfiguration: &types.EndpointConfiguration{
			Types: []types.EndpointType{"wrong"}, IpAddressType: "wrong"}}, "ValidationException",
			"2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types'"},
		{"private with ipv4", sdk.CreateRestApiInput{Name: aws.String("a"), EndpointConfiguration: &types.EndpointConfiguration{
			Types: []types.EndpointType{"PRIVATE"}, IpAddressType: "ipv4"}}, "BadRequestException",
			"Only dualstack ipAddressType is supported for Private APIs."},
		{"compression", sdk.CreateRestApiInput{Name: aws.String("a"), MinimumCompressionSize: aws.Int32(-1)},
			"BadRequestException", "Invalid minimum compression size, must be between 0 and 10485760"},
		{"key source", sdk.CreateRestApiInput{Name: aws.String("a"), ApiKeySource: "BODY"},
			"ValidationException", "Member must satisfy enum value set: [HEADER, AUTHORIZER]"},
		{"aws tag", sdk.CreateRestApiInput{Name: aws.String("a"), Tags: map[string]string{"aws:x": "y"}},
			"BadRequestException", "the prefix aws: is reserved"},
		{"policy", sdk.CreateRestApiInput{Name: aws.String("a"), Policy: aws.String(`{"Version":`)},
			"BadRequestException", "Invalid policy document."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, core.Nature{})
			_, err := w.client.CreateRestApi(w.ctx, &tc.in)
			refused(t, err, tc.code, tc.text)
			list, err := w.client.GetRestApis(w.ctx, &sdk.GetRestApisInput{})
			w.must(err)
			if len(list.Items) != 0 {
				t.Errorf("a refused create left %d APIs behind", len(list.Items))
			}
		})
	}
}

func TestA5_Defaults(t *testing.T) {
	w := newWorld(t, core.Nature{})
	out, err := w.client.CreateRestApi(w.ctx, &sdk.CreateRestApiInput{Name: aws.String("plain")})
	w.must(err)
	got := []any{out.ApiKeySource, out.EndpointConfiguration.Types, out.EndpointConfiguration.IpAddressType, out.DisableExecuteApiEndpoint, out.Tags}
	want := []any{types.ApiKeySourceTypeHeader, []types.EndpointType{types.EndpointTypeEdge}, types.IpAddressTypeIpv4, false, map[string]string(nil)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if out.CreatedDate.Unix() != w.clock.Now().Unix() {
		t.Errorf("createdDate = %v; want the clock's %v", out.CreatedDate, w.clock.Now())
	}
	models, err := w.client.GetModels(w.ctx, &sdk.GetModelsInput{RestApiId: out.Id})
	w.must(err)
	var names []string
	for _, m := range models.Items {
		names = append(names, *m.Name)
	}
	if diff := cmp.Diff([]string{"Empty", "Error"}, names); diff != "" {
		t.Errorf("a new API's models (-want +got):\n%s", diff)
	}
}

func TestA4_NamesAreNotUnique(t *testing.T) {
	w := newWorld(t, core.Nature{})
	first, second := w.createAPI(), w.createAPI()
	if first == second {
		t.Fatal("the second CreateRestApi with the same name returned the first API")
	}
}

func TestA4_ApiIsGone(t *testing.T) {
	w := newWorld(t, core.Nature{})
	gone := aws.String("abcde12345")
	_, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: gone})
	refused(t, err, "NotFoundException", "Invalid API identifier specified "+testAccount+":abcde12345")
	_, err = w.client.GetMethod(w.ctx, &sdk.GetMethodInput{RestApiId: gone, ResourceId: aws.String("r"), HttpMethod: aws.String("GET")})
	refused(t, err, "NotFoundException", "Invalid Resource identifier specified")
	_, err = w.client.CreateRequestValidator(w.ctx, &sdk.CreateRequestValidatorInput{RestApiId: gone, Name: aws.String("v")})
	refused(t, err, "BadRequestException", "Invalid REST API identifier specified")
	_, err = w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: gone, Body: []byte("{")})
	refused(t, err, "BadRequestException", "Invalid OpenAPI input.")
	_, err = w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: gone, Body: commentsDoc(t)})
	refused(t, err, "NotFoundException", "Invalid API identifier specified")
}

func TestA4_ApisOfOtherAccountsAndRegionsAreInvisible(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	other := w.caller
	other.AccountID = "999999999999"
	elsewhere := w.caller
	elsewhere.Region = "us-east-1"
	for _, c := range []core.Caller{other, elsewhere} {
		w.as(c, func() {
			_, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api})
			refused(t, err, "NotFoundException", "Invalid API identifier specified")
			list, err := w.client.GetRestApis(w.ctx, &sdk.GetRestApisInput{})
			w.must(err)
			if len(list.Items) != 0 {
				t.Errorf("%s in %s sees %d foreign APIs", c.AccountID, c.Region, len(list.Items))
			}
		})
	}
}

func TestA4_IdsAreCaseSensitive(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	_, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: aws.String(strings.ToUpper(api))})
	refused(t, err, "NotFoundException", strings.ToUpper(api))
}

func TestC1_GetRestApisPagesAndIncludesTags(t *testing.T) {
	w := newWorld(t, core.Nature{})
	want := map[string]bool{}
	for range 7 {
		want[w.createAPI()] = true
	}
	pages := 0
	for p := sdk.NewGetRestApisPaginator(w.client, &sdk.GetRestApisInput{Limit: aws.Int32(3)}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(w.ctx)
		w.must(err)
		for _, a := range out.Items {
			if !want[*a.Id] {
				t.Errorf("API %s listed twice or unknown", *a.Id)
			}
			delete(want, *a.Id)
			if a.Tags["commentsapi.io/name"] != "blog" {
				t.Errorf("API %s listed with tags %v", *a.Id, a.Tags)
			}
		}
	}
	if len(want) != 0 || pages != 3 {
		t.Errorf("%d pages left out %v; want 3 pages and nothing left out", pages, want)
	}
}

func TestA3_RestApiLimit(t *testing.T) {
	w := newWorld(t, core.Nature{})
	edge := func() error {
		_, err := w.client.CreateRestApi(w.ctx, &sdk.CreateRestApiInput{Name: aws.String("edge")})
		return err
	}
	for range 120 {
		w.must(edge())
	}
	refused(t, edge(), "LimitExceededException", "Maximum number of EDGE REST APIs (120)")
	w.createAPI() // regional APIs have a limit of their own
}

func TestD3_UpdateRestApi(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	update := func(ops ...types.PatchOperation) (*sdk.UpdateRestApiOutput, error) {
		return w.client.UpdateRestApi(w.ctx, &sdk.UpdateRestApiInput{RestApiId: &api, PatchOperations: ops})
	}
	out, err := update(
		patch("replace", "/name", "new"), patch("replace", "/description", "text"),
		patch("add", "/binaryMediaTypes/image~1png", ""), patch("replace", "/minimumCompressionSize", "10"),
		patch("replace", "/apiKeySource", "AUTHORIZER"), patch("replace", "/disableExecuteApiEndpoint", "true"),
		patch("replace", "/endpointConfiguration/types/REGIONAL", "PRIVATE"),
		patch("replace", "/policy", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"execute-api:Invoke","Resource":"execute-api:/*/POST/*"}}`),
	)
	w.must(err)
	got := []any{*out.Name, *out.Description, out.BinaryMediaTypes, *out.MinimumCompressionSize, out.ApiKeySource, out.DisableExecuteApiEndpoint, out.EndpointConfiguration.Types}
	want := []any{"new", "text", []string{"image/png"}, int32(10), types.ApiKeySourceTypeAuthorizer, true, []types.EndpointType{"PRIVATE"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the update (-want +got):\n%s", diff)
	}
	wantPolicy := `{\"Statement\":[{\"Action\":\"execute-api:Invoke\",\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Resource\":\"arn:aws:execute-api:eu-west-1:123456789012:` + api + `\/*\/POST\/*\"}],\"Version\":\"2012-10-17\"}`
	if *out.Policy != wantPolicy {
		t.Errorf("policy = %s\nwant the escaped form of C2, %s", *out.Policy, wantPolicy)
	}
	out, err = update(patch("replace", "/minimumCompressionSize", ""), patch("remove", "/description", ""), patch("remove", "/binaryMediaTypes/image~1png", ""))
	w.must(err)
	if out.MinimumCompressionSize != nil || out.Description != nil || len(out.BinaryMediaTypes) != 0 {
		t.Errorf("removed members are still there: %v %v %v", out.MinimumCompressionSize, out.Description, out.BinaryMediaTypes)
	}
	for _, tc := range []struct {
		op         types.PatchOperation
		code, text string
	}{
		{patch("add", "/binaryMediaTypes", "image/png"), "BadRequestException", "Invalid patch path /binaryMediaTypes"},
		{patch("replace", "/tags/x", "y"), "BadRequestException", "Invalid patch path /tags/x"},
		{patch("remove", "/minimumCompressionSize", ""), "BadRequestException", "Invalid patch operation specified. Must be one of: [replace]"},
		{patch("replace", "/minimumCompressionSize", "-1"), "BadRequestException", "Invalid minimum compression size"},
		{patch("replace", "/endpointConfiguration/types/PRIVATE", "EDGE"), "BadRequestException", "private API"},
		{patch("replace", "/endpointConfiguration/ipAddressType", "ipv4"), "BadRequestException", "Only dualstack"},
		{patch("wrong", "/name", "x"), "ValidationException", "Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]"},
	} {
		_, err := update(tc.op)
		refused(t, err, tc.code, tc.text)
	}
}

func TestC4_Tags(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, deployment := w.deployed()
	arn := "arn:aws:apigateway:eu-west-1::/restapis/" + api
	for _, resource := range []string{arn, arn + "/stages/prod"} {
		_, err := w.client.TagResource(w.ctx, &sdk.TagResourceInput{ResourceArn: &resource, Tags: map[string]string{"a": "1", "b": "2"}})
		w.must(err)
		_, err = w.client.UntagResource(w.ctx, &sdk.UntagResourceInput{ResourceArn: &resource, TagKeys: []string{"a", "commentsapi.io/name"}})
		w.must(err)
		out, err := w.client.GetTags(w.ctx, &sdk.GetTagsInput{ResourceArn: &resource})
		w.must(err)
		if diff := cmp.Diff(map[string]string{"b": "2"}, out.Tags); diff != "" {
			t.Errorf("tags of %s (-want +got):\n%s", resource, diff)
		}
	}
	got, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api})
	w.must(err)
	if got.Tags["b"] != "2" {
		t.Errorf("GetRestApi reports tags %v; want those TagResource set", got.Tags)
	}
	_, err = w.client.TagResource(w.ctx, &sdk.TagResourceInput{ResourceArn: aws.String(arn + "/deployments/" + deployment), Tags: map[string]string{"a": "1"}})
	refused(t, err, "NotImplementedException", "tags on")
	many := map[string]string{}
	for i := range 50 {
		many[fmt.Sprint(i)] = "x"
	}
	_, err = w.client.TagResource(w.ctx, &sdk.TagResourceInput{ResourceArn: &arn, Tags: many})
	refused(t, err, "BadRequestException", "51 given, at most 50")
}

func TestG7_CallersNeedPermission(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	var asked []string
	denied := map[string]bool{}
	w.caller.Authorize = func(action, resource string) error {
		asked = append(asked, action+" "+resource)
		if denied[action] {
			return fmt.Errorf("no policy allows it")
		}
		return nil
	}
	w.put(api, commentsDoc(t))
	want := []string{
		"apigateway:PUT arn:aws:apigateway:eu-west-1::/restapis/" + api,
		"apigateway:UpdateRestApiPolicy arn:aws:apigateway:eu-west-1::/restapis/" + api,
		"iam:PassRole arn:aws:iam::123456789012:role/commentsapi/blog",
		"iam:PassRole arn:aws:iam::123456789012:role/commentsapi/blog",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("permissions asked for (-want +got):\n%s", diff)
	}
	for _, action := range []string{"iam:PassRole", "apigateway:PUT"} {
		denied = map[string]bool{action: true}
		_, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: &api, Body: commentsDoc(t), Mode: "overwrite"})
		refused(t, err, "AccessDeniedException", "is not authorized to perform: "+action)
	}
}
