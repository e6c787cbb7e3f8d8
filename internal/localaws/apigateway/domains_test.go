// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// An API and a stage that a custom domain leads to can't be deleted, and the
// refusal names the domain.
func TestADomainHoldsWhatItLeadsTo(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	domain := aws.String("comments.example.com")
	_, err := w.client.CreateDomainName(w.ctx, &sdk.CreateDomainNameInput{DomainName: domain})
	refused(t, err, "BadRequestException", "certificate")
	created, err := w.client.CreateDomainName(w.ctx, &sdk.CreateDomainNameInput{DomainName: domain,
		RegionalCertificateArn: aws.String("arn:aws:acm:eu-west-1:" + testAccount + ":certificate/c"),
		EndpointConfiguration:  &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}})
	w.must(err)
	if created.DomainNameStatus != types.DomainNameStatusAvailable || aws.ToString(created.RegionalDomainName) == "" {
		t.Errorf("the domain is %s at %q", created.DomainNameStatus, aws.ToString(created.RegionalDomainName))
	}
	_, err = w.client.CreateBasePathMapping(w.ctx, &sdk.CreateBasePathMappingInput{DomainName: domain, RestApiId: &api, Stage: aws.String("dev")})
	refused(t, err, "BadRequestException", "Invalid stage identifier")
	_, err = w.client.CreateBasePathMapping(w.ctx, &sdk.CreateBasePathMappingInput{DomainName: domain, RestApiId: aws.String("nosuchapi1")})
	refused(t, err, "BadRequestException", "Invalid REST API identifier")
	mapping, err := w.client.CreateBasePathMapping(w.ctx, &sdk.CreateBasePathMappingInput{DomainName: domain, RestApiId: &api, Stage: aws.String("prod")})
	w.must(err)
	if *mapping.BasePath != "(none)" {
		t.Errorf("the empty base path is shown as %q", *mapping.BasePath)
	}
	_, err = w.client.CreateBasePathMapping(w.ctx, &sdk.CreateBasePathMappingInput{DomainName: domain, RestApiId: &api})
	refused(t, err, "ConflictException", "Base path already exists")

	_, err = w.client.DeleteRestApi(w.ctx, &sdk.DeleteRestApiInput{RestApiId: &api})
	refused(t, err, "BadRequestException", "remove all base path mappings related to the RestApi in your domains: comments.example.com")
	_, err = w.client.DeleteStage(w.ctx, &sdk.DeleteStageInput{RestApiId: &api, StageName: aws.String("prod")})
	refused(t, err, "BadRequestException", "remove all base path mappings related to the stage in your domains: comments.example.com")

	other := w.createAPI()
	_, err = w.client.UpdateBasePathMapping(w.ctx, &sdk.UpdateBasePathMappingInput{DomainName: domain, BasePath: aws.String("(none)"),
		PatchOperations: []types.PatchOperation{patch("replace", "/restapiId", other), patch("replace", "/stage", "")}})
	w.must(err)
	_, err = w.client.DeleteStage(w.ctx, &sdk.DeleteStageInput{RestApiId: &api, StageName: aws.String("prod")})
	w.must(err)
	_, err = w.client.DeleteRestApi(w.ctx, &sdk.DeleteRestApiInput{RestApiId: &api})
	w.must(err)

	_, err = w.client.DeleteBasePathMapping(w.ctx, &sdk.DeleteBasePathMappingInput{DomainName: domain, BasePath: aws.String("(none)")})
	w.must(err)
	left, err := w.client.GetBasePathMappings(w.ctx, &sdk.GetBasePathMappingsInput{DomainName: domain})
	w.must(err)
	if len(left.Items) != 0 {
		t.Errorf("mappings left: %+v", left.Items)
	}
	_, err = w.client.DeleteRestApi(w.ctx, &sdk.DeleteRestApiInput{RestApiId: &other})
	w.must(err)
	_, err = w.client.DeleteDomainName(w.ctx, &sdk.DeleteDomainNameInput{DomainName: domain})
	w.must(err)
	_, err = w.client.GetBasePathMappings(w.ctx, &sdk.GetBasePathMappingsInput{DomainName: domain})
	refused(t, err, "NotFoundException", "Invalid domain name identifier")
}
