// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// API describes a service of the query protocol.
type API struct {
	// Name is how messages call it, for example IAM.
	Name string
	// Version is the only accepted value of the Version parameter.
	Version string
	// Namespace is the XML namespace of its answers.
	Namespace string
	// Actions are the names of its operations.
	Actions []string
}

// Dispatch runs one action; a nil result has no Result element.
type Dispatch func(r *http.Request, action string, p Params) (any, error)

// Serve decodes a request, checks Action and Version and answers what
// dispatch says. Errors other than *Error are the service's own failures.
func (a API) Serve(w http.ResponseWriter, r *http.Request, dispatch Dispatch) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		WriteError(w, a.Namespace, Errorf(http.StatusBadRequest, "MalformedInput", "The request body can't be read: %v", err))
		return
	}
	action, result, err := a.run(r, body, dispatch)
	var refused *Error
	switch {
	case err == nil:
		WriteResult(w, a.Namespace, action, result)
	case errors.As(err, &refused):
		WriteError(w, a.Namespace, refused)
	default:
		WriteError(w, a.Namespace, Errorf(http.StatusInternalServerError, "ServiceFailure", "%v", err))
	}
}

func (a API) run(r *http.Request, body []byte, dispatch Dispatch) (string, any, error) {
	params, err := Parse(r, body)
	if err != nil {
		return "", nil, err
	}
	action, version := params.Get("Action"), params.Get("Version")
	if action == "" {
		return "", nil, Errorf(http.StatusBadRequest, "MissingAction", "The request must contain the parameter Action")
	}
	if version != a.Version {
		return "", nil, Errorf(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, version)
	}
	for _, known := range a.Actions {
		if known == action {
			result, err := dispatch(r, action, params)
			return action, result, err
		}
	}
	return "", nil, Errorf(http.StatusBadRequest, "InvalidAction",
		"The action %s is not implemented by the local AWS; its %s has: %s", action, a.Name, strings.Join(a.Actions, ", "))
}
