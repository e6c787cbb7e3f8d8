// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// maxStages bounds how many stages' compiled definitions are kept.
const maxStages = 512

// Plane answers requests to invoke URLs. It is safe for concurrent use, starts
// no goroutines and holds no state that outlives it.
type Plane struct {
	deps    Deps
	buckets buckets
	quotas  quotas
	cache   cache

	mu          sync.RWMutex
	definitions map[stageKey]*definition
}

type stageKey struct{ api, stage string }

// New returns a Plane on top of deps.
func New(deps Deps) *Plane {
	return &Plane{deps: deps, definitions: map[stageKey]*definition{}}
}

// ServeInvoke answers a request to the invoke URL of a stage. rawPath is the
// path after the stage, still percent-encoded; what AWS does with "%2F" in it
// is unconfirmed (aws-facts E6), here it never separates segments.
func (p *Plane) ServeInvoke(w http.ResponseWriter, r *http.Request, apiID, stage, rawPath string) {
	x := &exchange{plane: p, ctx: r.Context(), started: p.deps.Env.Now()}
	x.identify(r.Header)
	snapshot, st, ok := p.deps.Registry.Deployed(apiID, stage)
	if !ok || snapshot == nil || snapshot.API.DisableExecuteAPIEndpoint {
		p.forget(stageKey{apiID, stage})
		forbidden(x.standardHeaders()).write(w, r.Method)
		return
	}
	req, err := readRequest(r, rawPath)
	if err != nil {
		// The client went away or broke off; hardly anybody reads the answer.
		header := x.standardHeaders()
		header.Set("Content-Type", jsonMediaType)
		(&response{status: http.StatusBadRequest, header: header, body: []byte(`{"message":"Bad Request"}`)}).write(w, r.Method)
		return
	}
	x.request = req
	x.def = p.definition(stageKey{apiID, stage}, snapshot)
	x.stage = st
	x.variables = st.Variables
	x.log = x.newLog(p.deps.ExecutionLog)
	resp := x.answer(x.invoke)
	resp.write(w, r.Method)
	x.writeAccessLog(resp)
}

// definition returns the compiled form of what the stage serves.
func (p *Plane) definition(key stageKey, snapshot *model.Snapshot) *definition {
	p.mu.RLock()
	d := p.definitions[key]
	p.mu.RUnlock()
	if d != nil && d.snapshot == snapshot {
		return d
	}
	d = newDefinition(snapshot)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.definitions) >= maxStages {
		clear(p.definitions)
	}
	p.definitions[key] = d
	return d
}

func (p *Plane) forget(key stageKey) {
	p.mu.RLock()
	_, known := p.definitions[key]
	p.mu.RUnlock()
	if !known {
		return
	}
	p.mu.Lock()
	delete(p.definitions, key)
	p.mu.Unlock()
	p.cache.flush(key)
}

// exchange is one request on its way through the plane.
type exchange struct {
	plane   *Plane
	ctx     context.Context
	started time.Time

	requestID, extendedID, trace string

	request   request
	def       *definition
	stage     *model.Stage
	variables map[string]string
	// test means a test invocation: no authorization, keys, throttling or
	// cache (aws-facts C1).
	test bool

	route     route
	caller    identity
	overrides overrides
	vars      map[string]any // $context, built once the route is known
	log       *executionLog

	// For access logs.
	integrationStatus  int
	integrationLatency time.Duration
	failed             *failure
}

// overrides are what $context.responseOverride asked for. What the request
// template sets persists into the response (aws-facts E4).
type overrides struct {
	status  int
	headers map[string]string
}

func (o *overrides) merge(status int, headers map[string]string) {
	if status != 0 {
		o.status = status
	}
	for k, v := range headers {
		if o.headers == nil {
			o.headers = map[string]string{}
		}
		o.headers[k] = v
	}
}
