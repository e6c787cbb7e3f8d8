// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/apigateway/openapi"
)

var errEmptySchema = badRequest("Model schema must have at least 1 property or array items defined")

func errNoModel(name string) error { return notFound("Invalid model name specified: %s", name) }

// defaultModel is one of the two models CreateRestApi seeds (aws-facts A5).
func defaultModel(name, description, members string) *model.Model {
	return &model.Model{
		ID: newID(6), Name: name, Description: description, ContentType: "application/json",
		Schema: "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"" + name + " Schema\",\n  \"type\" : \"object\"" + members + "\n}",
	}
}

// checkSchema refuses schemas that say nothing (aws-facts C2).
func checkSchema(schema string) error {
	if strings.TrimSpace(schema) == "" {
		return errEmptySchema
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(schema), &members); err != nil {
		return badRequest("Invalid model schema specified: the schema is not a JSON object (%s)", err)
	}
	if len(members) == 0 {
		return errEmptySchema
	}
	return nil
}

func (s *Service) createModel(q *request) (int, any, error) {
	var in struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Schema      string `json:"schema"`
		ContentType string `json:"contentType"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	m := &model.Model{ID: newID(6), Name: in.Name, Description: in.Description, Schema: in.Schema, ContentType: in.ContentType}
	_, err := s.change(q, noAPI, func(rec *record) error {
		work := rec.edit()
		switch {
		case m.Name == "":
			return badRequest("Model name must be non-empty")
		case !openapi.ValidModelName(m.Name):
			return badRequest("Model name must be alphanumeric: %s", m.Name)
		case !contentType.MatchString(m.ContentType):
			return badRequest("Invalid content type specified: %s", m.ContentType)
		case work.Models[m.Name] != nil:
			return conflict("Model name already exists for this REST API")
		}
		if err := checkSchema(m.Schema); err != nil {
			return err
		}
		work.Models[m.Name] = m
		return nil
	})
	return http.StatusCreated, m, err
}

func (s *Service) getModels(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	var items []*model.Model
	for _, m := range rec.work.Models {
		items = append(items, m)
	}
	slices.SortFunc(items, func(a, b *model.Model) int { return strings.Compare(a.Name, b.Name) })
	p, err := page(q, items, func(m *model.Model) string { return m.Name })
	return http.StatusOK, p, err
}

func (s *Service) getModel(q *request) (int, any, error) {
	missing := func(q *request) error { return errNoModel(q.vars["modelName"]) }
	rec, err := s.read(q, missing)
	if err != nil {
		return 0, nil, err
	}
	m := rec.work.Models[q.vars["modelName"]]
	if m == nil {
		return 0, nil, missing(q)
	}
	return http.StatusOK, m, nil
}

func (s *Service) updateModel(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	missing := func(q *request) error { return errNoModel(q.vars["modelName"]) }
	var changed *model.Model
	_, err = s.change(q, missing, func(rec *record) error {
		if changed = rec.edit().Models[q.vars["modelName"]]; changed == nil {
			return missing(q)
		}
		for i := range ops {
			if err := ops[i].replacesOnly("/description", "/schema"); err != nil {
				return err
			}
			if ops[i].Path == "/description" {
				changed.Description = ops[i].text()
				continue
			}
			if err := checkSchema(ops[i].text()); err != nil {
				return err
			}
			changed.Schema = ops[i].text()
		}
		return nil
	})
	return http.StatusOK, changed, err
}

// deleteModel refuses models that a method or another model refers to
// (aws-facts A4, F5).
func (s *Service) deleteModel(q *request) (int, any, error) {
	name := q.vars["modelName"]
	missing := func(*request) error { return errNoModel(name) }
	_, err := s.change(q, missing, func(rec *record) error {
		work := rec.edit()
		if work.Models[name] == nil {
			return missing(q)
		}
		if where := modelUse(work, name); where != "" {
			return conflict("Cannot delete model '%s', is referenced in %s", name, where)
		}
		delete(work.Models, name)
		return nil
	})
	return http.StatusAccepted, nil, err
}

// modelUse names the last place, in path order, that refers to the model.
func modelUse(work *model.Snapshot, name string) string {
	where := ""
	for _, r := range work.SortedResources() {
		for _, verb := range verbs {
			m := r.ResourceMethods[verb]
			if m == nil {
				continue
			}
			for _, used := range m.RequestModels {
				if used == name {
					where = "method request: " + r.Path + "/" + verb
				}
			}
			for _, response := range m.MethodResponses {
				for _, used := range response.ResponseModels {
					if used == name && where == "" {
						where = "method response: " + r.Path + "/" + verb + "/" + response.StatusCode
					}
				}
			}
		}
	}
	for _, other := range work.Models {
		if other.Name != name && where == "" && strings.Contains(other.Schema, "/models/"+name+`"`) {
			where = "model: " + other.Name
		}
	}
	return where
}
