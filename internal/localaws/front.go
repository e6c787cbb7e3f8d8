// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// maxBody bounds request bodies: DynamoDB's 16 MiB is the largest any service
// here accepts.
const maxBody = 16<<20 + 1<<10

// ServeHTTP answers any request to the local AWS.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(w, r)
		return
	}
	c := &exchange{server: s, w: w, r: r, began: time.Now(), answer: newAnswer()}
	c.entry = control.Request{Time: s.env.Now(), UserAgent: r.UserAgent()}
	c.run()
}

// exchange is one request on its way through the front door.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	body   []byte
	target target
	began  time.Time
	entry  control.Request
	answer *answer
	// serve runs the call; nil when the front door has already answered.
	serve http.HandlerFunc
}

func (c *exchange) run() {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	switch {
	case err != nil:
		c.target = route(c.r, nil)
		c.refuse(&refusal{status: http.StatusBadRequest, code: "SerializationException", message: "The request body could not be read"})
	case len(body) > maxBody:
		c.target = route(c.r, nil)
		c.refuse(tooLarge())
	default:
		c.body = body
		c.classify()
	}
	var fault *control.Fault
	if c.serve != nil {
		// Faults befall calls that would otherwise have been made.
		fault = c.server.faults.match(c.entry)
	}
	c.deliver(fault)
}

// classify finds out where the request goes, who sends it, and whether it is
// let in.
func (c *exchange) classify() {
	s := c.server
	c.reset()
	if apiID, stage, rest, ok := splitInvoke(c.r.URL.EscapedPath()); ok {
		c.target = target{service: svcInvoke, protocol: restJSON}
		c.describe(c.r.Method, apiID+"/"+stage+rest)
		c.serve = func(w http.ResponseWriter, r *http.Request) {
			s.invoke(w, r, decode(apiID), decode(stage), rest)
		}
		return
	}
	c.target = route(c.r, c.body)
	svc, ok := s.services[c.target.service]
	if !ok {
		c.describe(c.r.Method, c.r.URL.Path)
		c.refuse(notImplemented(c.target, c.r))
		return
	}
	op, resource := svc.operation(c.r, c.body)
	c.reset()
	c.describe(op, resource)
	caller, failed := s.authenticate(c.r, c.body, c.target)
	if c.target.signature != nil {
		c.entry.Region = c.target.signature.Region
	}
	if failed != nil {
		c.refuse(failed.refusal(c.target.protocol))
		return
	}
	c.entry.AccountID, c.entry.Principal = caller.AccountID, caller.ARN
	scope := caller.AccountID + "/" + caller.Region
	retryAfter, ok := s.throttle.admit(s.env.Nature().Quotas, s.env.Now(), scope, c.target.service, quotaOperation(op, c.r, c.body))
	if !ok {
		c.entry.Throttled = true
		c.refuse(throttled(c.target.service, retryAfter))
		return
	}
	c.r = c.r.WithContext(core.WithCaller(c.r.Context(), caller))
	c.reset()
	c.serve = svc.handler.ServeHTTP
}

// reset makes the body readable again.
func (c *exchange) reset() { c.r.Body = io.NopCloser(bytes.NewReader(c.body)) }

func (c *exchange) describe(op, resource string) {
	c.entry.Service, c.entry.Operation, c.entry.Resource = c.target.service, op, resource
	c.entry.Write = writes(c.target.service, op)
}

func (c *exchange) refuse(f *refusal) { f.write(c.answer, c.target) }

// decode undoes percent-encoding where there is some.
func decode(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// pause waits for d, but not longer than the client and the server live.
func (c *exchange) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.r.Context().Done():
	case <-c.server.closing:
	}
}

// hang keeps the client waiting until it gives up or the server closes.
func (c *exchange) hang() {
	select {
	case <-c.r.Context().Done():
	case <-c.server.closing:
	}
	panic(http.ErrAbortHandler)
}

// perform runs the call. A client that goes away doesn't stop it: at AWS, a
// lost answer isn't a lost call.
func (c *exchange) perform() {
	if c.serve == nil {
		return
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		c.server.report(c.entry, p)
		c.answer = newAnswer()
		c.refuse(failure(c.target.service))
	}()
	c.serve(c.answer, c.r.WithContext(context.WithoutCancel(c.r.Context())))
}

// log writes the entry; status 0 means that nothing is sent.
func (c *exchange) log(status int) {
	c.entry.Status = status
	c.entry.ErrorCode = c.answer.errorCode()
	c.entry.Duration = core.Duration(time.Since(c.began))
	c.server.log.add(c.entry)
}
