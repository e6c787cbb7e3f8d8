// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// apiLimits are the APIs of each endpoint type an account may have in a
// region (aws-facts A3).
var apiLimits = map[string]int{"REGIONAL": 600, "EDGE": 120, "PRIVATE": 600}

const maxCompression = 10485760 // bytes (aws-facts D3)

var errCompression = badRequest("Invalid minimum compression size, must be between 0 and %d", maxCompression)

type createRestAPIInput struct {
	Name                      string            `json:"name"`
	Description               *string           `json:"description"`
	Version                   string            `json:"version"`
	CloneFrom                 string            `json:"cloneFrom"`
	BinaryMediaTypes          []string          `json:"binaryMediaTypes"`
	MinimumCompressionSize    *jsonNumber       `json:"minimumCompressionSize"`
	APIKeySource              string            `json:"apiKeySource"`
	EndpointConfiguration     *endpointInput    `json:"endpointConfiguration"`
	Policy                    string            `json:"policy"`
	Tags                      map[string]string `json:"tags"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint"`
	SecurityPolicy            string            `json:"securityPolicy"`
	EndpointAccessMode        string            `json:"endpointAccessMode"`
}

type endpointInput struct {
	Types          []string `json:"types"`
	IPAddressType  string   `json:"ipAddressType"`
	VPCEndpointIDs []string `json:"vpcEndpointIds"`
}

// createRestAPI has no idempotency token and names aren't unique: every call
// makes one more API (aws-facts A4).
func (s *Service) createRestAPI(q *request) (int, any, error) {
	var in createRestAPIInput
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	api, err := in.api(q.caller.Partition)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, err := s.newRecord(q, api)
	if err != nil {
		return 0, nil, err
	}
	rec.work.Models["Empty"] = defaultModel("Empty", "This is a default empty schema model", "")
	rec.work.Models["Error"] = defaultModel("Error", "This is a default error schema model",
		",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }")
	s.apis.Put(rec.work.API.ID, rec)
	return http.StatusCreated, viewAPI(rec.work.API, false), nil
}

func (in *createRestAPIInput) api(partition string) (model.RestAPI, error) {
	var none model.RestAPI
	var v validation
	endpoint, err := in.EndpointConfiguration.check(&v, "createRestApiInput")
	if in.APIKeySource != "" {
		v.enum(in.APIKeySource, "createRestApiInput.apiKeySource", "HEADER", "AUTHORIZER")
	}
	if err := v.err(); err != nil {
		return none, err
	}
	switch {
	case strings.TrimSpace(in.Name) == "":
		return none, badRequest("Name must be non-empty: give the API a name")
	case in.Description != nil && *in.Description == "":
		return none, badRequest("Description cannot be an empty string")
	case in.CloneFrom != "":
		return none, notImplemented("CreateRestApi with cloneFrom")
	case err != nil:
		return none, err
	}
	api := model.RestAPI{
		Name: in.Name, Version: in.Version, APIKeySource: cmp.Or(in.APIKeySource, "HEADER"),
		BinaryMediaTypes: slices.Clone(in.BinaryMediaTypes), EndpointConfiguration: endpoint,
		DisableExecuteAPIEndpoint: in.DisableExecuteAPIEndpoint, Tags: maps.Clone(in.Tags),
		SecurityPolicy: in.SecurityPolicy, EndpointAccessMode: in.EndpointAccessMode,
	}
	if in.Description != nil {
		api.Description = *in.Description
	}
	if in.MinimumCompressionSize != nil {
		size, ok := in.MinimumCompressionSize.int()
		if !ok || size < 0 || size > maxCompression {
			return none, errCompression
		}
		api.MinimumCompressionSize = &size
	}
	if err := checkTags(in.Tags); err != nil {
		return none, err
	}
	if in.Policy != "" {
		if api.Policy, err = normalPolicy(in.Policy, partition); err != nil {
			return none, err
		}
	}
	return api, nil
}

// check returns the endpoint configuration with its defaults (aws-facts A5).
// Values outside their sets go to v; everything else is the error.
func (in *endpointInput) check(v *validation, at string) (model.Endpoint, error) {
	if in == nil {
		return model.Endpoint{Types: []string{"EDGE"}, IPAddressType: "ipv4"}, nil
	}
	for _, t := range in.Types {
		if apiLimits[t] == 0 {
			v.problems = append(v.problems, "Value '["+strings.Join(in.Types, ", ")+"]' at '"+at+
				".endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: "+
				"[Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]")
			break
		}
	}
	if in.IPAddressType != "" {
		v.enum(in.IPAddressType, at+".endpointConfiguration.ipAddressType", "ipv4", "dualstack")
	}
	e := model.Endpoint{Types: slices.Clone(in.Types), IPAddressType: in.IPAddressType, VPCEndpointIDs: slices.Clone(in.VPCEndpointIDs)}
	switch {
	case in.Types != nil && len(in.Types) == 0:
		return e, badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case len(in.Types) > 1:
		return e, badRequest("Cannot create an api with multiple Endpoint Types.")
	case len(in.Types) == 0:
		e.Types = []string{"EDGE"}
	}
	if e.Types[0] == "PRIVATE" && e.IPAddressType == "ipv4" {
		return e, badRequest("Only dualstack ipAddressType is supported for Private APIs.")
	}
	if e.IPAddressType == "" {
		e.IPAddressType = "ipv4"
		if e.Types[0] == "PRIVATE" {
			e.IPAddressType = "dualstack"
		}
	}
	return e, nil
}

// newRecord makes the record of a new API, with its root resource. The
// caller holds the lock and stores the record.
func (s *Service) newRecord(q *request, api model.RestAPI) (*record, error) {
	kind := api.EndpointConfiguration.Types[0]
	count := 0
	for _, id := range s.apis.Keys(0) {
		if rec, ok := s.apis.Latest(id); ok && rec.belongsTo(q.caller) && rec.work.API.EndpointConfiguration.Types[0] == kind {
			count++
		}
	}
	if count >= apiLimits[kind] {
		return nil, limitExceeded("Maximum number of %s REST APIs (%d) for this account has been reached in %s", kind, apiLimits[kind], q.caller.Region)
	}
	api.AccountID, api.Region, api.Partition = q.caller.AccountID, q.caller.Region, q.caller.Partition
	api.ID = newID(10)
	for _, taken := s.apis.Latest(api.ID); taken; _, taken = s.apis.Latest(api.ID) {
		api.ID = newID(10)
	}
	api.CreatedDate = s.env.Now().Unix()
	api.APIStatus = "AVAILABLE"
	api.RootResourceID = newID(10)
	api.Policy = expandPolicy(api.Policy, api)
	if api.Tags == nil {
		api.Tags = map[string]string{}
	}
	return &record{
		work: &model.Snapshot{
			API:              api,
			Resources:        map[string]*model.Resource{api.RootResourceID: {ID: api.RootResourceID, Path: "/", ResourceMethods: map[string]*model.Method{}}},
			Models:           map[string]*model.Model{},
			Validators:       map[string]*model.RequestValidator{},
			GatewayResponses: map[string]*model.GatewayResponse{},
		},
		deployments: map[string]*model.Deployment{},
		stages:      map[string]*model.Stage{},
		order:       map[string]int{},
	}, nil
}

func (s *Service) getRestAPI(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewAPI(rec.work.API, true), nil
}

func (s *Service) getRestAPIs(q *request) (int, any, error) {
	lag := s.env.Lag(lagName)
	var items []restAPIView
	for _, id := range s.apis.Keys(lag) {
		if rec, ok := s.apis.Visible(id, lag); ok && rec.belongsTo(q.caller) {
			items = append(items, viewAPI(rec.work.API, false))
		}
	}
	p, err := page(q, items, func(v restAPIView) string { return v.ID })
	return http.StatusOK, p, err
}

func (s *Service) deleteRestAPI(q *request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, ok := s.apis.Latest(q.vars["restApiId"])
	if !ok || !rec.belongsTo(q.caller) {
		return 0, nil, noAPI(q)
	}
	if domains := s.heldBy(rec.work.API.ID, ""); domains != "" {
		return 0, nil, badRequest("Deleting RestApi %s failed. Please remove all base path mappings related to the RestApi in your domains: %s", rec.work.API.ID, domains)
	}
	s.apis.Delete(rec.work.API.ID)
	s.forgetStages(rec.work.API.ID, "")
	return http.StatusAccepted, nil, nil
}
