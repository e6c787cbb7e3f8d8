// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"slices"
	"strings"
)

// validate applies the method's request validator: parameters, then body
// (aws-facts F5).
func (x *exchange) validate() error {
	m := x.route.method
	if m.RequestValidatorID == "" {
		return nil
	}
	v := x.def.snapshot.Validators[m.RequestValidatorID]
	if v == nil {
		return misconfigured("Unknown request validator %s", m.RequestValidatorID)
	}
	if v.ValidateRequestParameters {
		if missing := x.missingParameters(); len(missing) > 0 {
			text := "Missing required request parameters: [" + strings.Join(missing, ", ") + "]"
			return &failure{kind: kindBadParameters, message: text, reason: text}
		}
	}
	if v.ValidateRequestBody {
		if err := x.validateBody(m.RequestModels); err != nil {
			return err
		}
	}
	x.log.printf("Request validation succeeded for content type %s", x.request.mediaType())
	return nil
}

// missingParameters are the required ones that are absent or blank, by name.
func (x *exchange) missingParameters() []string {
	var missing []string
	for name, required := range x.route.method.RequestParameters {
		if !required {
			continue
		}
		value, _ := x.requestValue(name)
		if strings.TrimSpace(value) == "" {
			short := strings.TrimPrefix(name, "method.request.")
			_, short, _ = strings.Cut(short, ".")
			missing = append(missing, short)
		}
	}
	slices.Sort(missing)
	return missing
}

// validateBody checks the body against the model for its content type, or
// against the one keyed "$default". Without either nothing is validated
// (aws-facts F5).
func (x *exchange) validateBody(models map[string]string) error {
	mt := x.request.mediaType()
	name, ok := models[mt]
	if !ok {
		if name, ok = models["$default"]; !ok {
			return nil
		}
	}
	schema, err := x.def.schema(name)
	if err != nil {
		return misconfigured("%v", err)
	}
	problems := schema.validate(x.request.text())
	if len(problems) == 0 {
		return nil
	}
	list := "[" + strings.Join(problems, ", ") + "]"
	return &failure{
		kind:       kindBadBody,
		validation: list,
		reason:     "Request body does not match model schema for content type " + mt + ": " + list,
	}
}
