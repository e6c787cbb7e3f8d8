// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package apigateway is the control plane of the local AWS's API Gateway v1
// (REST APIs): its REST-JSON protocol, its validation, its normalisations and
// its habits, as aws-facts A to D and F4, F5 record them. What it does not
// implement it refuses with a NotImplementedException.
package apigateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// lagName is the service's key in core.Nature.Lag.
const lagName = "apigateway"

// maxBody bounds a request body: the OpenAPI limit of aws-facts A3 (6 MB) and
// room for its own error.
const maxBody = 8 << 20

// Service is the control plane of all accounts and regions. Create it with
// New; it is safe for concurrent use.
type Service struct {
	env *core.Env

	mu       sync.Mutex     // serialises read-modify-write of the stores
	inFlight map[string]int // mutations under way, by API id (aws-facts A4)

	apis     *core.Store[string, *record]          // by API id: globally unique
	keys     *core.Store[string, *keyRecord]       // by account/region/id
	plans    *core.Store[string, *planRecord]      // by account/region/id
	accounts *core.Store[string, *accountSettings] // by account/region
	domains  *core.Store[string, *domainRecord]    // by account/region/name

	testerMu sync.RWMutex
	tester   model.Tester
}

// New returns an empty API Gateway in env.
func New(env *core.Env) *Service {
	return &Service{
		env:      env,
		inFlight: map[string]int{},
		apis:     core.NewStore[string, *record](env.Clock),
		keys:     core.NewStore[string, *keyRecord](env.Clock),
		plans:    core.NewStore[string, *planRecord](env.Clock),
		accounts: core.NewStore[string, *accountSettings](env.Clock),
		domains:  core.NewStore[string, *domainRecord](env.Clock),
	}
}

// SetTester gives TestInvokeMethod the data plane that runs methods. Without
// one the operation is answered with NotImplementedException.
func (s *Service) SetTester(t model.Tester) {
	s.testerMu.Lock()
	defer s.testerMu.Unlock()
	s.tester = t
}

// ServeHTTP answers one call. The caller comes from the request's context
// (core.WithCaller).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt, vars, ok := match(r)
	if !ok {
		writeError(w, notImplemented("API Gateway's %s %s", r.Method, r.URL.Path))
		return
	}
	q := &request{ctx: r.Context(), caller: core.CallerFrom(r.Context()), op: rt.op, vars: vars, query: r.URL.Query()}
	if err := s.authorize(q.caller, r); err != nil {
		writeError(w, err)
		return
	}
	leave, err := s.enter(rt, vars)
	if err != nil {
		writeError(w, err)
		return
	}
	defer leave()
	if err := s.linger(q.ctx, rt); err != nil {
		writeError(w, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, badRequest("The request body could not be read: %s", err))
		return
	}
	q.body = body
	status, payload, err := rt.handle(s, q)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, status, payload)
}

// enter counts a mutation as under way until the returned function is called.
// With strict concurrency a second one of the same API is refused
// (aws-facts A4: "Serialise per API and retry").
func (s *Service) enter(rt *route, vars map[string]string) (leave func(), err error) {
	id := vars["restApiId"]
	if id == "" || !rt.mutates() {
		return func() {}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight[id] > 0 && s.env.Nature().StrictConcurrency {
		return nil, concurrentModification()
	}
	s.inFlight[id]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.inFlight[id]--; s.inFlight[id] == 0 {
			delete(s.inFlight, id)
		}
	}, nil
}

// linger keeps a mutation under way for the service's latency when
// concurrency is strict: AWS takes its time over a mutation, and here it
// would otherwise be over too soon for another one to meet it.
func (s *Service) linger(ctx context.Context, rt *route) error {
	nature := s.env.Nature()
	if !nature.StrictConcurrency || !rt.mutates() || nature.Latency[lagName] <= 0 {
		return nil
	}
	timer := time.NewTimer(nature.Latency[lagName].D())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// authorize asks whether the caller may use the method on the path: API
// Gateway's actions are HTTP methods and its resources are paths
// (aws-facts C4, G7).
func (s *Service) authorize(c core.Caller, r *http.Request) error {
	action := "apigateway:" + r.Method
	return allowed(c, action, resourceARN(c, r.URL.EscapedPath()), nil)
}

func allowed(c core.Caller, action, resource string, conditions map[string][]string) error {
	if err := c.AllowedWith(action, resource, conditions); err != nil {
		return accessDenied("User: %s is not authorized to perform: %s on resource: %s (%s)", c.ARN, action, resource, err)
	}
	return nil
}

// resourceARN is the ARN of a control-plane path; the account field is empty
// (aws-facts C4).
func resourceARN(c core.Caller, path string) string {
	return fmt.Sprintf("arn:%s:apigateway:%s::/%s", c.Partition, c.Region, strings.TrimPrefix(path, "/"))
}
