// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// controlPrefix starts the path of everything that isn't AWS's.
const controlPrefix = "/_local/"

// controlError is a refusal of the control endpoint.
type controlError struct {
	status int
	err    error
}

func (e *controlError) Error() string { return e.err.Error() }

func badControl(err error) error { return &controlError{http.StatusBadRequest, err} }

// controls maps method and name to what the control endpoint does. A nil
// result is answered with 204.
var controls = map[string]func(*Server, *http.Request) (any, error){
	"GET health":      func(*Server, *http.Request) (any, error) { return map[string]string{"status": "ok"}, nil },
	"GET requests":    (*Server).controlRequests,
	"DELETE requests": func(s *Server, _ *http.Request) (any, error) { s.log.reset(); return nil, nil },
	"GET nature":      func(s *Server, _ *http.Request) (any, error) { return s.env.Nature(), nil },
	"PUT nature":      (*Server).controlNature,
	"GET faults":      func(s *Server, _ *http.Request) (any, error) { return control.Faults{Faults: s.faults.all()}, nil },
	"POST faults":     (*Server).controlAddFault,
	"DELETE faults":   (*Server).controlRemoveFault,
	"GET keys":        (*Server).controlKeys,
	"PUT keys":        (*Server).controlPutKey,
	"DELETE keys":     (*Server).controlRemoveKey,
	"GET snapshot":    func(s *Server, _ *http.Request) (any, error) { return s.Snapshot(), nil },
}

// serveControl answers the control endpoint. It is for tools and tests on the
// same machine; a request that a web page makes carries Origin and is
// refused.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	result, err := s.control(r)
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
		if c, ok := err.(*controlError); ok { //nolint:errorlint // made right below, never wrapped
			status = c.status
		}
		result = control.Failure{Error: err.Error()}
	}
	if result == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	b, err := json.Marshal(result)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer can't be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (s *Server) control(r *http.Request) (any, error) {
	if r.Header.Get("Origin") != "" {
		return nil, &controlError{http.StatusForbidden, fmt.Errorf("the control endpoint takes no requests from web pages")}
	}
	name := strings.TrimPrefix(r.URL.Path, controlPrefix)
	do, ok := controls[r.Method+" "+name]
	if !ok {
		return nil, &controlError{http.StatusNotFound, fmt.Errorf("%s %s: the control endpoint has %s",
			r.Method, r.URL.Path, strings.Join(slices.Sorted(maps.Keys(controls)), ", "))}
	}
	return do(s, r)
}

// readControl decodes a body and refuses unknown fields, which are typing
// errors.
func readControl(r *http.Request, into any) error {
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return badControl(fmt.Errorf("body of %s %s: %w", r.Method, r.URL.Path, err))
	}
	return nil
}

func (s *Server) controlRequests(r *http.Request) (any, error) {
	var since int64
	if v := r.URL.Query().Get("since"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, badControl(fmt.Errorf("since %q: use a sequence number", v))
		}
		since = n
	}
	return s.log.since(since), nil
}

func (s *Server) controlNature(r *http.Request) (any, error) {
	var n core.Nature
	if err := readControl(r, &n); err != nil {
		return nil, err
	}
	if err := checkNature(n); err != nil {
		return nil, badControl(err)
	}
	s.env.SetNature(n)
	return nil, nil
}

// checkNature refuses what would silently have no effect.
func checkNature(n core.Nature) error {
	for field, durations := range map[string]map[string]core.Duration{"lag": n.Lag, "latency": n.Latency} {
		for service, d := range durations {
			if !slices.Contains(serviceNames, service) {
				return fmt.Errorf("%s.%s: no such service; use one of %v", field, service, serviceNames)
			}
			if d < 0 {
				return fmt.Errorf("%s.%s is %s: use a duration of zero or more", field, service, d.D())
			}
		}
	}
	if n.Quotas.Scale < 0 {
		return fmt.Errorf("quotas.scale is %v: use a factor above 0, or 0 for 1", n.Quotas.Scale)
	}
	return nil
}

func (s *Server) controlAddFault(r *http.Request) (any, error) {
	var f control.Fault
	if err := readControl(r, &f); err != nil {
		return nil, err
	}
	added, err := s.faults.add(f)
	if err != nil {
		return nil, badControl(err)
	}
	return added, nil
}

func (s *Server) controlRemoveFault(r *http.Request) (any, error) {
	id := r.URL.Query().Get("id")
	if !s.faults.remove(id) {
		return nil, &controlError{http.StatusNotFound, fmt.Errorf("there is no fault with id %q", id)}
	}
	return nil, nil
}

func (s *Server) controlKeys(*http.Request) (any, error) {
	out := control.Keys{Keys: []control.Key{}}
	for _, k := range s.keys.Added() {
		out.Keys = append(out.Keys, control.Key{AccessKey: k.AccessKey, AccountID: k.AccountID, User: k.User, Policy: k.Policy})
	}
	return out, nil
}

func (s *Server) controlPutKey(r *http.Request) (any, error) {
	var k control.Key
	if err := readControl(r, &k); err != nil {
		return nil, err
	}
	err := s.keys.Add(sts.Key{AccessKey: k.AccessKey, Secret: k.Secret, AccountID: k.AccountID, User: k.User, Policy: k.Policy})
	if err != nil {
		return nil, badControl(err)
	}
	return nil, nil
}

func (s *Server) controlRemoveKey(r *http.Request) (any, error) {
	accessKey := r.URL.Query().Get("accessKey")
	if accessKey == "" {
		return nil, badControl(fmt.Errorf("accessKey is missing: name the key to remove"))
	}
	s.keys.Remove(accessKey)
	return nil, nil
}
