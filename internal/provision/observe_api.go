// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

// pageSize is the most API Gateway lists at once (aws-facts C1).
const pageSize = 500

// observeAPI finds the object's REST API, by its recorded id first and by its
// claim else, and reads it. Names are not unique and CreateRestApi has no
// token (aws-facts A4), so only a claim proves what is ours.
func (c Cloud) observeAPI(ctx context.Context, id Identity, observed *stack.Observed) error {
	api, err := c.findAPI(ctx, id, observed)
	if err != nil || api == nil {
		return err
	}
	api.Policy = shortPolicy(api.Policy, id.ARN.ExecuteAPI(api.ID))
	observed.API = api
	if !id.Claim.Relation(api.Tags).Mine() {
		return nil
	}
	return c.ReadAPI(ctx, id, observed)
}

// ReadAPI reads what Observe leaves out of a REST API that does not carry the
// claim: its stages and its definition.
func (c Cloud) ReadAPI(ctx context.Context, id Identity, observed *stack.Observed) error {
	api := observed.API
	if err := c.readStages(ctx, api); err != nil {
		return err
	}
	if c.deploymentsMatter(api, id) {
		var err error
		if api.Deployments, err = c.deployments(ctx, api.ID); err != nil {
			return err
		}
		observed.Parts |= stack.PartDeployments
	}
	return c.readDefinition(ctx, api, id, observed.Parts)
}

// deploymentsMatter reports whether some stage serves a deployment other than
// the recorded one: what it is made of is then told by its description.
func (c Cloud) deploymentsMatter(api *stack.ObservedAPI, id Identity) bool {
	for _, stage := range api.Stages {
		if stage.DeploymentID != id.Recorded.DeploymentID || id.Recorded.DefinitionSHA256 == "" {
			return true
		}
	}
	return false
}

func (c Cloud) findAPI(ctx context.Context, id Identity, observed *stack.Observed) (*stack.ObservedAPI, error) {
	recorded, err := c.recordedAPI(ctx, id.Recorded.APIID)
	if err != nil {
		return nil, err
	}
	known := recorded != nil && id.Claim.Relation(recorded.Tags).Mine()
	if known && !observed.Parts.Has(stack.PartDuplicateAPIs) {
		return recorded, nil
	}
	claimed, err := c.claimedAPIs(ctx, id.Claim)
	if err != nil {
		return nil, err
	}
	if known {
		others := slices.DeleteFunc(claimed, func(api *stack.ObservedAPI) bool { return api.ID == recorded.ID })
		return recorded, c.reportDuplicates(ctx, others, observed)
	}
	if len(claimed) == 0 && recorded == nil {
		return c.recordedAPI(ctx, id.AdoptAPIID)
	}
	if len(claimed) == 0 {
		return recorded, nil // without our claim: the plan says so and stops
	}
	return c.chooseAPI(ctx, claimed, observed)
}

func (c Cloud) recordedAPI(ctx context.Context, id string) (*stack.ObservedAPI, error) {
	if id == "" {
		return nil, nil
	}
	out, err := c.APIs.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &id})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, err
	}
	return readAPI(restAPIOf(out)), nil
}

// reread reads the working copy of an API again, all of it; nil when the API
// is gone. Stages and deployments are those known already.
func (c Cloud) reread(ctx context.Context, id Identity, known *stack.ObservedAPI) (*stack.ObservedAPI, error) {
	api, err := c.recordedAPI(ctx, known.ID)
	if err != nil || api == nil {
		return nil, err
	}
	api.Policy = shortPolicy(api.Policy, id.ARN.ExecuteAPI(api.ID))
	api.Stages, api.Deployments = known.Stages, known.Deployments
	return api, c.readDefinition(ctx, api, id, stack.AllParts)
}

// claimedAPIs lists, over all pages, the REST APIs that carry the claim.
func (c Cloud) claimedAPIs(ctx context.Context, claim stack.Claim) ([]*stack.ObservedAPI, error) {
	var found []*stack.ObservedAPI
	pages := apigateway.NewGetRestApisPaginator(c.APIs, &apigateway.GetRestApisInput{Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if api := readAPI(&page.Items[i]); claim.Relation(api.Tags).Mine() {
				found = append(found, api)
			}
		}
	}
	return found, nil
}

// chooseAPI picks, of several REST APIs with the claim, the oldest that has a
// stage, else the oldest (design rule 5.4), and reports the others.
func (c Cloud) chooseAPI(ctx context.Context, claimed []*stack.ObservedAPI, observed *stack.Observed) (*stack.ObservedAPI, error) {
	slices.SortFunc(claimed, func(a, b *stack.ObservedAPI) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	if len(claimed) == 1 {
		return claimed[0], nil
	}
	chosen := -1
	for i, api := range claimed {
		if err := c.readStages(ctx, api); err != nil {
			return nil, err
		}
		if chosen < 0 && len(api.Stages) > 0 {
			chosen = i
		}
	}
	chosen = max(chosen, 0)
	for i, api := range claimed {
		if i != chosen {
			observed.DuplicateAPIs = append(observed.DuplicateAPIs, duplicate(api))
		}
	}
	return claimed[chosen], nil
}

// reportDuplicates reports REST APIs with the claim beside the recorded one: a
// call that was under way when another operator took over may have made one.
func (c Cloud) reportDuplicates(ctx context.Context, others []*stack.ObservedAPI, observed *stack.Observed) error {
	for _, api := range others {
		if err := c.readStages(ctx, api); err != nil {
			if gone(err) {
				continue
			}
			return err
		}
		observed.DuplicateAPIs = append(observed.DuplicateAPIs, duplicate(api))
	}
	return nil
}

func duplicate(api *stack.ObservedAPI) stack.DuplicateAPI {
	return stack.DuplicateAPI{ID: api.ID, Created: api.Created, Stages: len(api.Stages)}
}

// restAPIOf gives GetRestApi's answer the type that lists of APIs have.
func restAPIOf(out *apigateway.GetRestApiOutput) *types.RestApi {
	return &types.RestApi{
		ApiKeySource:              out.ApiKeySource,
		BinaryMediaTypes:          out.BinaryMediaTypes,
		CreatedDate:               out.CreatedDate,
		Description:               out.Description,
		DisableExecuteApiEndpoint: out.DisableExecuteApiEndpoint,
		EndpointConfiguration:     out.EndpointConfiguration,
		Id:                        out.Id,
		MinimumCompressionSize:    out.MinimumCompressionSize,
		Name:                      out.Name,
		Policy:                    out.Policy,
		Tags:                      out.Tags,
	}
}

func readAPI(a *types.RestApi) *stack.ObservedAPI {
	api := &stack.ObservedAPI{
		ID:      aws.ToString(a.Id),
		Created: aws.ToTime(a.CreatedDate),
		API: stack.API{
			Name:                    aws.ToString(a.Name),
			Description:             aws.ToString(a.Description),
			EndpointType:            string(types.EndpointTypeEdge), // AWS's default (aws-facts A5)
			KeySource:               string(a.ApiKeySource),
			BinaryMediaTypes:        a.BinaryMediaTypes,
			MinimumCompressionSize:  -1,
			Policy:                  unquotePolicy(aws.ToString(a.Policy)),
			DefaultEndpointDisabled: a.DisableExecuteApiEndpoint,
			Tags:                    a.Tags,
		},
		Stages: map[string]stack.ObservedStage{},
	}
	if a.EndpointConfiguration != nil && len(a.EndpointConfiguration.Types) > 0 {
		api.EndpointType = string(a.EndpointConfiguration.Types[0])
	}
	if a.MinimumCompressionSize != nil {
		api.MinimumCompressionSize = int(*a.MinimumCompressionSize)
	}
	if api.KeySource == "" {
		api.KeySource = string(types.ApiKeySourceTypeHeader)
	}
	return api
}

// unquotePolicy undoes the escaping in which API Gateway returns a resource
// policy (aws-facts C2).
func unquotePolicy(s string) string {
	return strings.NewReplacer(`\"`, `"`, `\/`, `/`, `\\`, `\`).Replace(s)
}

// shortPolicy writes the API's own ARN in a resource policy in the short form
// in which it was sent: API Gateway completes it (aws-facts B4).
func shortPolicy(policy, own string) string {
	return strings.ReplaceAll(policy, `"`+own, `"`+stack.OwnExecuteAPI)
}
