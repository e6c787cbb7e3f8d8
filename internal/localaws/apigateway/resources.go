// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/apigateway/openapi"
)

const maxResources = 300 // aws-facts A3

func greedy(part string) bool   { return strings.HasPrefix(part, "{") && strings.HasSuffix(part, "+}") }
func variable(part string) bool { return strings.HasPrefix(part, "{") }

// addResource creates a child of parent in the working copy.
func addResource(work *model.Snapshot, parent *model.Resource, part string) (*model.Resource, error) {
	if err := checkPlace(work, parent, part, ""); err != nil {
		return nil, err
	}
	if len(work.Resources) >= maxResources {
		return nil, limitExceeded("Maximum number of resources for this API has been reached. Please contact AWS if you need additional resources.")
	}
	r := &model.Resource{
		ID: newID(6), ParentID: parent.ID, PathPart: part,
		Path: strings.TrimSuffix(parent.Path, "/") + "/" + part, ResourceMethods: map[string]*model.Method{},
	}
	for work.Resources[r.ID] != nil {
		r.ID = newID(6)
	}
	work.Resources[r.ID] = r
	return r, nil
}

// checkPlace says whether part may stand below parent; self is the id of the
// resource that moves there, if it exists already.
func checkPlace(work *model.Snapshot, parent *model.Resource, part, self string) error {
	if !openapi.ValidSegment(part) {
		return badRequest("%s", openapi.SegmentText)
	}
	if greedy(parent.PathPart) {
		return badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, sibling := range work.Children(parent.ID) {
		if sibling.ID == self {
			continue
		}
		if sibling.PathPart == part {
			return conflict("Another resource with the same parent already has this name: %s", part)
		}
		if variable(sibling.PathPart) && variable(part) && greedy(sibling.PathPart) == greedy(part) {
			return siblingVariable(sibling)
		}
		if variable(sibling.PathPart) && variable(part) && parent.ParentID == "" {
			return siblingVariable(sibling)
		}
	}
	return nil
}

func siblingVariable(sibling *model.Resource) error {
	return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", sibling.PathPart)
}

func (s *Service) createResource(q *request) (int, any, error) {
	var in struct {
		PathPart string `json:"pathPart"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	var created *model.Resource
	_, err := s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		parent := work.Resources[q.vars["resourceId"]]
		if parent == nil {
			return noResource(q)
		}
		var err error
		created, err = addResource(work, parent, in.PathPart)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, viewResource(created, true), nil
}

func embeds(q *request, what string) bool { return slices.Contains(q.query["embed"], what) }

func (s *Service) getResource(q *request) (int, any, error) {
	rec, err := s.read(q, noResource)
	if err != nil {
		return 0, nil, err
	}
	r := rec.work.Resources[q.vars["resourceId"]]
	if r == nil {
		return 0, nil, noResource(q)
	}
	return http.StatusOK, viewResource(r, embeds(q, "methods")), nil
}

func (s *Service) getResources(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	withMethods := embeds(q, "methods")
	var items []resourceView
	for _, r := range rec.work.SortedResources() {
		items = append(items, viewResource(r, withMethods))
	}
	p, err := page(q, items, func(v resourceView) string { return v.Path })
	return http.StatusOK, p, err
}

func (s *Service) updateResource(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.Resource
	_, err = s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		if changed = work.Resources[q.vars["resourceId"]]; changed == nil {
			return noResource(q)
		}
		for _, op := range ops {
			if err := op.replacesOnly("/parentId", "/pathPart"); err != nil {
				return err
			}
			if changed.ParentID == "" {
				return badRequest("Root resource cannot update its %s.", strings.TrimPrefix(op.Path, "/"))
			}
			parent, part := work.Resources[changed.ParentID], changed.PathPart
			if op.Path == "/pathPart" {
				part = op.text()
			} else if parent = work.Resources[op.text()]; parent == nil {
				return noResource(q)
			}
			if parent.ID == changed.ID || strings.HasPrefix(parent.Path+"/", changed.Path+"/") {
				return badRequest("Resources cannot be cyclical.")
			}
			if err := checkPlace(work, parent, part, changed.ID); err != nil {
				return err
			}
			changed.ParentID, changed.PathPart = parent.ID, part
			repath(work, changed, parent)
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewResource(changed, true), nil
}

// repath recomputes the path of a moved resource and of everything below it.
func repath(work *model.Snapshot, r, parent *model.Resource) {
	r.Path = strings.TrimSuffix(parent.Path, "/") + "/" + r.PathPart
	for _, child := range work.Children(r.ID) {
		repath(work, child, r)
	}
}

func (s *Service) deleteResource(q *request) (int, any, error) {
	_, err := s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		r := work.Resources[q.vars["resourceId"]]
		if r == nil {
			return noResource(q)
		}
		if r.ParentID == "" {
			return badRequest("Root resource cannot be deleted")
		}
		removeTree(work, r)
		return nil
	})
	return http.StatusAccepted, nil, err
}

func removeTree(work *model.Snapshot, r *model.Resource) {
	for _, child := range work.Children(r.ID) {
		removeTree(work, child)
	}
	delete(work.Resources, r.ID)
}
