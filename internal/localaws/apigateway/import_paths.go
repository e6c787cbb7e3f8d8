// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/apigateway/openapi"
)

// applyPaths makes the document's paths resources and its operations methods.
// Intermediate resources come by themselves; a path keeps its resource id;
// overwriting deletes what the document lacks (aws-facts B2).
func applyPaths(q *request, work *model.Snapshot, def *openapi.Definition, overwrite bool) error {
	if overwrite {
		pruneResources(work, def)
	}
	validators := map[string]string{}
	for id, v := range work.Validators {
		validators[v.Name] = id
	}
	resources := make([]*model.Resource, 0, len(def.Paths))
	for _, p := range def.Paths {
		res, err := ensurePath(work, p.Path)
		if err != nil {
			return badRequest("Errors found during import:\n\tUnable to create resource at path '%s': %s", p.Path, messageOf(err))
		}
		resources = append(resources, res)
		for _, verb := range slices.Sorted(maps.Keys(p.Methods)) {
			m := p.Methods[verb].Clone()
			m.RequestValidatorID = validators[m.RequestValidatorID]
			res.ResourceMethods[verb] = m
			if m.MethodIntegration != nil && m.MethodIntegration.CacheNamespace == "" {
				m.MethodIntegration.CacheNamespace = res.ID
			}
		}
	}
	found := &importProblems{}
	for i, p := range def.Paths {
		for _, verb := range slices.Sorted(maps.Keys(p.Methods)) {
			m := resources[i].ResourceMethods[verb]
			checkImported(q, work, m, fmt.Sprintf("'%s' for resource at path '%s'", verb, resources[i].Path), found)
		}
	}
	return found.err()
}

// importProblems collects what is wrong with a document's methods. A refusal
// for lack of permission (aws-facts B4: 403) or of an implementation isn't
// the document's fault and is answered as itself.
type importProblems struct {
	texts []string
	other error
}

func (p *importProblems) add(err error, format string, args ...any) {
	var e *apiError
	if errors.As(err, &e) && (e.status == http.StatusForbidden || e.status == http.StatusNotImplemented) {
		p.other = err
		return
	}
	if err != nil {
		p.texts = append(p.texts, fmt.Sprintf(format, args...)+": "+messageOf(err))
	}
}

func (p *importProblems) err() error {
	if p.other != nil {
		return p.other
	}
	if len(p.texts) > 0 {
		return badRequest("%s", &openapi.ImportError{Problems: p.texts})
	}
	return nil
}

// checkImported validates a method of the document the way PutMethod,
// PutIntegration and PutIntegrationResponse would.
func checkImported(q *request, work *model.Snapshot, m *model.Method, at string, found *importProblems) {
	found.add(checkMethod(work, m), "Unable to put method %s", at)
	i := m.MethodIntegration
	if i == nil {
		return
	}
	found.add(checkIntegration(q.caller, m, i), "Unable to put integration on %s", at)
	for _, code := range slices.Sorted(maps.Keys(i.IntegrationResponse)) {
		found.add(checkIntegrationResponse(m, i, i.IntegrationResponse[code]), "Unable to put integration response on %s", at)
	}
}

// pruneResources drops all methods, and the resources that are on no path of
// the document.
func pruneResources(work *model.Snapshot, def *openapi.Definition) {
	keep := map[string]bool{"/": true}
	for _, p := range def.Paths {
		for path := p.Path; path != "/" && path != ""; path = path[:strings.LastIndex(path, "/")] {
			keep[path] = true
		}
	}
	for id, r := range work.Resources {
		if !keep[r.Path] {
			delete(work.Resources, id)
			continue
		}
		r.ResourceMethods = map[string]*model.Method{}
	}
}

// ensurePath returns the resource of the path, creating it and what is
// missing above it.
func ensurePath(work *model.Snapshot, path string) (*model.Resource, error) {
	current := work.Resources[work.API.RootResourceID]
	for _, part := range strings.Split(strings.Trim(path, "/"), "/") {
		if part == "" {
			continue
		}
		var next *model.Resource
		for _, child := range work.Children(current.ID) {
			if child.PathPart == part {
				next = child
			}
		}
		if next == nil {
			var err error
			if next, err = addResource(work, current, part); err != nil {
				return nil, err
			}
		}
		current = next
	}
	return current, nil
}
