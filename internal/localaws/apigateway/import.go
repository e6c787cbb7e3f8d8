// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/apigateway/openapi"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const maxDocument = 6 << 20 // bytes (aws-facts A3)

// importOptions are the query parameters of ImportRestApi and PutRestApi
// (aws-facts B1).
type importOptions struct {
	failOnWarnings bool
	overwrite      bool
	basePath       string
	endpoint       string
}

func importOptionsOf(q *request) (importOptions, error) {
	o := importOptions{failOnWarnings: q.query.Get("failonwarnings") == "true", basePath: "ignore"}
	var v validation
	if mode := q.query.Get("mode"); mode != "" && q.op == "PutRestApi" {
		v.enum(mode, "mode", "merge", "overwrite")
		o.overwrite = mode == "overwrite"
	}
	if b := q.query.Get("basepath"); b != "" {
		v.enum(b, "parameters.basepath", "ignore", "prepend", "split")
		o.basePath = b
	}
	if i := q.query.Get("ignore"); i != "" {
		v.enum(i, "parameters.ignore", "documentation")
	}
	o.endpoint = q.query.Get("endpointConfigurationTypes")
	return o, v.err()
}

// parseDocument reads the document before anything is looked up: a broken one
// is refused even for an unknown API (aws-facts A4).
func parseDocument(q *request, o importOptions) (*openapi.Definition, error) {
	if len(q.body) > maxDocument {
		return nil, badRequest("The OpenAPI document has %d bytes, at most %d (6 MB) are allowed", len(q.body), maxDocument)
	}
	def, err := openapi.Parse(q.body, openapi.Variables{
		AccountID: q.caller.AccountID, Partition: q.caller.Partition, Region: q.caller.Region,
	})
	var problems *openapi.ImportError
	switch {
	case errors.Is(err, openapi.ErrSwagger2):
		return nil, notImplemented("%s", err)
	case errors.Is(err, openapi.ErrInvalid):
		return nil, badRequest("Invalid OpenAPI input.") // aws-facts B2
	case errors.As(err, &problems):
		return nil, badRequest("%s", problems)
	case err != nil:
		return nil, err
	}
	if o.basePath != "ignore" {
		applyBasePath(def, o.basePath)
	}
	return def, nil
}

// applyBasePath puts the document's base path (prepend), or all of it but its
// first segment (split), in front of every path (aws-facts B1).
func applyBasePath(def *openapi.Definition, mode string) {
	base := "/" + strings.Trim(def.BasePath, "/")
	if mode == "split" {
		_, rest, _ := strings.Cut(strings.TrimPrefix(base, "/"), "/")
		base = "/" + rest
	}
	if base == "/" {
		return
	}
	for i := range def.Paths {
		def.Paths[i].Path = strings.TrimSuffix(base+def.Paths[i].Path, "/")
	}
}

func (s *Service) importRestAPI(q *request) (int, any, error) {
	o, err := importOptionsOf(q)
	if err != nil {
		return 0, nil, err
	}
	def, err := parseDocument(q, o)
	if err != nil {
		return 0, nil, err
	}
	var v validation
	in := &endpointInput{}
	if o.endpoint != "" {
		in.Types = strings.Split(o.endpoint, ",")
	}
	endpoint, err := in.check(&v, "importRestApiInput")
	if verr := v.err(); verr != nil {
		return 0, nil, verr
	}
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, err := s.newRecord(q, model.RestAPI{Name: def.Title, APIKeySource: "HEADER", EndpointConfiguration: endpoint})
	if err != nil {
		return 0, nil, err
	}
	o.overwrite = true
	if err := s.apply(q, rec.work, def, o); err != nil {
		return 0, nil, err
	}
	s.apis.Put(rec.work.API.ID, rec)
	view := viewAPI(rec.work.API, false)
	view.Warnings = def.Warnings
	return http.StatusCreated, view, nil
}

func (s *Service) putRestAPI(q *request) (int, any, error) {
	o, err := importOptionsOf(q)
	if err != nil {
		return 0, nil, err
	}
	def, err := parseDocument(q, o)
	if err != nil {
		return 0, nil, err
	}
	rec, err := s.change(q, noAPI, func(rec *record) error { return s.apply(q, rec.edit(), def, o) })
	if err != nil {
		return 0, nil, err
	}
	view := viewAPI(rec.work.API, true)
	view.Warnings = def.Warnings
	return http.StatusOK, view, nil
}

// apply makes the definition part of the working copy. The copy is the
// caller's to throw away when the result is an error: errors discard the
// document, and so do warnings when they are to fail (aws-facts B2).
func (s *Service) apply(q *request, work *model.Snapshot, def *openapi.Definition, o importOptions) error {
	if o.failOnWarnings && len(def.Warnings) > 0 {
		return badRequest("Warnings found during import:\n\t%s", strings.Join(def.Warnings, "\n\t"))
	}
	if err := applyLiterals(q.caller, &work.API, def, o.overwrite); err != nil {
		return err
	}
	if err := applyGatewayResponses(work, def, o.overwrite); err != nil {
		return err
	}
	applyModels(work, def, o.overwrite)
	applyValidators(work, def, o.overwrite)
	return applyPaths(q, work, def, o.overwrite)
}

// applyLiterals sets what belongs to the API itself. Overwriting resets what
// the document does not carry; merging adds binary media types to those there
// are. Endpoint type, tags and stages stay (aws-facts B2).
func applyLiterals(c core.Caller, a *model.RestAPI, def *openapi.Definition, overwrite bool) error {
	if def.Title != "" {
		a.Name = def.Title
	}
	a.Version = def.Version
	if overwrite || def.Description != "" {
		a.Description = def.Description
	}
	if overwrite {
		a.APIKeySource = "HEADER"
		a.BinaryMediaTypes = nil
	}
	if def.APIKeySource != "" {
		a.APIKeySource = def.APIKeySource
	}
	for _, t := range def.BinaryMediaTypes {
		if !slices.Contains(a.BinaryMediaTypes, t) {
			a.BinaryMediaTypes = append(a.BinaryMediaTypes, t)
		}
	}
	if overwrite || def.MinimumCompressionSize != nil {
		a.MinimumCompressionSize = def.MinimumCompressionSize
	}
	if overwrite || def.VPCEndpointIDs != nil {
		a.EndpointConfiguration.VPCEndpointIDs = def.VPCEndpointIDs
	}
	if def.DisableExecuteAPIEndpoint != nil {
		a.DisableExecuteAPIEndpoint = *def.DisableExecuteAPIEndpoint
	}
	if !overwrite && def.Policy == "" {
		return nil
	}
	return setPolicy(c, a, def.Policy)
}

// setPolicy replaces the resource policy; changing one needs a permission of
// its own (aws-facts G7).
func setPolicy(c core.Caller, a *model.RestAPI, text string) error {
	policy := ""
	if text != "" {
		normal, err := normalPolicy(text, a.Partition)
		if err != nil {
			return err
		}
		policy = expandPolicy(normal, *a)
	}
	if policy == a.Policy {
		return nil
	}
	if err := allowed(c, "apigateway:UpdateRestApiPolicy", resourceARN(c, "/restapis/"+a.ID), nil); err != nil {
		return err
	}
	a.Policy = policy
	return nil
}

func applyModels(work *model.Snapshot, def *openapi.Definition, overwrite bool) {
	old := work.Models
	if overwrite {
		work.Models = map[string]*model.Model{}
	}
	for name, m := range def.Models {
		stored := *m
		stored.ID = newID(6)
		if before := old[name]; before != nil {
			stored.ID = before.ID
		}
		stored.Schema = openapi.RewriteReferences(m.Schema, work.API.ID)
		work.Models[name] = &stored
	}
}

func applyValidators(work *model.Snapshot, def *openapi.Definition, overwrite bool) {
	old := map[string]string{}
	for id, v := range work.Validators {
		old[v.Name] = id
	}
	if overwrite {
		work.Validators = map[string]*model.RequestValidator{}
	}
	for name, v := range def.Validators {
		stored := *v
		if stored.ID = old[name]; stored.ID == "" {
			stored.ID = newID(6)
		}
		work.Validators[stored.ID] = &stored
	}
}

func applyGatewayResponses(work *model.Snapshot, def *openapi.Definition, overwrite bool) error {
	if overwrite {
		work.GatewayResponses = map[string]*model.GatewayResponse{}
	}
	for kind, g := range def.GatewayResponses {
		stored, err := completeGatewayResponse(g)
		if err != nil {
			return badRequest("Errors found during import:\n\tUnable to put gateway response '%s': %s", kind, messageOf(err))
		}
		work.GatewayResponses[kind] = stored
	}
	return nil
}
