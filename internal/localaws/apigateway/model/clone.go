// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"
)

// Clone copies the definition deeply, so that the copy can be edited while
// deployments and lagging reads keep the original.
func (s *Snapshot) Clone() *Snapshot {
	c := &Snapshot{
		API:              s.API.Clone(),
		Resources:        make(map[string]*Resource, len(s.Resources)),
		Models:           make(map[string]*Model, len(s.Models)),
		Validators:       make(map[string]*RequestValidator, len(s.Validators)),
		GatewayResponses: make(map[string]*GatewayResponse, len(s.GatewayResponses)),
	}
	for k, v := range s.Resources {
		c.Resources[k] = v.Clone()
	}
	for k, v := range s.Models {
		c.Models[k] = shallow(v)
	}
	for k, v := range s.Validators {
		c.Validators[k] = shallow(v)
	}
	for k, v := range s.GatewayResponses {
		c.GatewayResponses[k] = v.Clone()
	}
	return c
}

// Clone copies the API's attributes deeply.
func (a RestAPI) Clone() RestAPI {
	a.BinaryMediaTypes = slices.Clone(a.BinaryMediaTypes)
	a.EndpointConfiguration.Types = slices.Clone(a.EndpointConfiguration.Types)
	a.EndpointConfiguration.VPCEndpointIDs = slices.Clone(a.EndpointConfiguration.VPCEndpointIDs)
	a.Tags = maps.Clone(a.Tags)
	a.MinimumCompressionSize = shallow(a.MinimumCompressionSize)
	return a
}

// Clone copies the resource and its methods deeply.
func (r *Resource) Clone() *Resource {
	c := *r
	c.ResourceMethods = make(map[string]*Method, len(r.ResourceMethods))
	for k, v := range r.ResourceMethods {
		c.ResourceMethods[k] = v.Clone()
	}
	return &c
}

// Clone copies the method, its responses and its integration deeply.
func (m *Method) Clone() *Method {
	c := *m
	c.RequestParameters = maps.Clone(m.RequestParameters)
	c.RequestModels = maps.Clone(m.RequestModels)
	c.AuthorizationScopes = slices.Clone(m.AuthorizationScopes)
	if m.MethodResponses != nil {
		c.MethodResponses = make(map[string]*MethodResponse, len(m.MethodResponses))
		for k, v := range m.MethodResponses {
			r := *v
			r.ResponseParameters = maps.Clone(v.ResponseParameters)
			r.ResponseModels = maps.Clone(v.ResponseModels)
			c.MethodResponses[k] = &r
		}
	}
	if m.MethodIntegration != nil {
		c.MethodIntegration = m.MethodIntegration.Clone()
	}
	return &c
}

// Clone copies the integration and its responses deeply.
func (i *Integration) Clone() *Integration {
	c := *i
	c.RequestParameters = maps.Clone(i.RequestParameters)
	c.RequestTemplates = maps.Clone(i.RequestTemplates)
	c.CacheKeyParameters = slices.Clone(i.CacheKeyParameters)
	if i.IntegrationResponse != nil {
		c.IntegrationResponse = make(map[string]*IntegrationResponse, len(i.IntegrationResponse))
		for k, v := range i.IntegrationResponse {
			r := *v
			r.SelectionPattern = shallow(v.SelectionPattern)
			r.ResponseParameters = maps.Clone(v.ResponseParameters)
			r.ResponseTemplates = maps.Clone(v.ResponseTemplates)
			c.IntegrationResponse[k] = &r
		}
	}
	return &c
}

// Clone copies the gateway response deeply.
func (g *GatewayResponse) Clone() *GatewayResponse {
	c := *g
	c.ResponseParameters = maps.Clone(g.ResponseParameters)
	c.ResponseTemplates = maps.Clone(g.ResponseTemplates)
	return &c
}

// Clone copies the stage and its settings deeply.
func (s *Stage) Clone() *Stage {
	c := *s
	c.MethodSettings = make(map[string]*MethodSetting, len(s.MethodSettings))
	for k, v := range s.MethodSettings {
		c.MethodSettings[k] = shallow(v)
	}
	c.Variables = maps.Clone(s.Variables)
	c.AccessLogSettings = shallow(s.AccessLogSettings)
	c.CanarySettings = slices.Clone(s.CanarySettings)
	c.Tags = maps.Clone(s.Tags)
	return &c
}

// Clone copies the usage plan deeply.
func (p *UsagePlan) Clone() *UsagePlan {
	c := *p
	c.APIStages = slices.Clone(p.APIStages)
	for i := range c.APIStages {
		c.APIStages[i].Throttle = maps.Clone(p.APIStages[i].Throttle)
	}
	c.Throttle = shallow(p.Throttle)
	c.Quota = shallow(p.Quota)
	c.Tags = maps.Clone(p.Tags)
	c.KeyIDs = slices.Clone(p.KeyIDs)
	return &c
}

func shallow[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
