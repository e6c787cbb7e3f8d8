// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package localaws is the local AWS: one HTTP endpoint that speaks the wire
// protocols of DynamoDB, IAM, STS and API Gateway v1 as far as this operator,
// its users and its tests need them, and that serves what is deployed to it.
// It is for development and tests.
//
// Requests are signed as for AWS. The access key "local" belongs to account
// 123456789012, a 12-digit access key to that account; their secret is
// "local". Deployed APIs are invoked at
//
//	http://HOST:PORT/execute-api/{apiId}/{stage}
//
// and everything that isn't AWS's is below /_local/ (package control).
package localaws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// InvokeURLTemplate is the path part of the invoke URL of a stage.
const InvokeURLTemplate = invokePrefix + "{apiId}/{stage}"

// Options configure a Server. The zero value is good.
type Options struct {
	// Address is the loopback address to listen on; default 127.0.0.1:0, a
	// free port.
	Address string
	// Clock drives the state of the services; nil is the system clock.
	Clock core.Clock
	// AuthClock is what signatures and temporary credentials are checked
	// with; nil is the system clock, because clients sign with theirs.
	AuthClock core.Clock
	// Nature is how AWS-like it behaves; it can be changed while running.
	Nature core.Nature
	// Keys are further access keys, or policies for the fixed ones.
	Keys []sts.Key
	// Report is told about panics in a service; nil drops them. The client
	// gets a server error either way.
	Report func(message string)
	// AccessLog receives the access logs of stages that have them.
	AccessLog func(destinationARN, line string)
}

// Server is a local AWS. Create it with New; it serves as soon as it exists
// (Handler), and on a port of its own after Start.
type Server struct {
	options   Options
	env       *core.Env
	authClock core.Clock
	keys      *sts.Keyring
	iam       *iam.Service
	sts       *sts.Service
	services  map[string]service
	invoker   invoker

	faults   faults
	throttle throttle
	log      requestLog

	closing   chan struct{}
	closeOnce sync.Once

	mu     sync.Mutex
	http   *http.Server
	done   chan struct{} // closed when serving has ended
	detach func() bool   // stops watching the context of Start
	listen string
}

// service is one AWS API behind the front door.
type service struct {
	handler   http.Handler
	operation func(r *http.Request, body []byte) (op, resource string)
	snapshot  func() any
}

// invoker is the data plane.
type invoker interface {
	ServeInvoke(w http.ResponseWriter, r *http.Request, apiID, stage, rawPath string)
}

// New returns a local AWS without any resources.
func New(options Options) (*Server, error) {
	if options.AuthClock == nil {
		options.AuthClock = core.SystemClock{}
	}
	if options.Address == "" {
		options.Address = "127.0.0.1:0"
	}
	if err := checkLoopback(options.Address); err != nil {
		return nil, err
	}
	if err := checkNature(options.Nature); err != nil {
		return nil, fmt.Errorf("nature: %w", err)
	}
	s := &Server{
		options: options, env: core.NewEnv(options.Clock, options.Nature),
		authClock: options.AuthClock, keys: sts.NewKeyring(options.AuthClock),
		closing: make(chan struct{}),
	}
	for _, k := range options.Keys {
		if err := s.keys.Add(k); err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
	}
	s.wire()
	return s, nil
}

// checkLoopback refuses addresses that others could reach: the local AWS has
// well-known credentials.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("address %q: use host:port, for example 127.0.0.1:0", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("address %q: the local AWS listens on loopback only; use 127.0.0.1", address)
	}
	return nil
}

// Env is the world the services live in: its nature can be changed in
// process.
func (s *Server) Env() *core.Env { return s.env }

// Handler serves everything, for httptest and for servers of one's own.
func (s *Server) Handler() http.Handler { return s }

// Start listens and serves until ctx is done or Close is called.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return errors.New("the local AWS has already been started")
	}
	select {
	case <-s.closing:
		return errors.New("the local AWS has been closed; make a new one")
	default:
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.options.Address)
	if err != nil {
		return fmt.Errorf("local AWS: listen on %s: %w", s.options.Address, err)
	}
	s.listen = listener.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // always http.ErrServerClosed: only Close ends it
	}()
	s.detach = context.AfterFunc(ctx, func() { _ = s.Close() })
	return nil
}

// Endpoint is the URL to give to AWS clients; empty before Start.
func (s *Server) Endpoint() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listen == "" {
		return ""
	}
	return "http://" + s.listen
}

// InvokeURL is where a stage of an API is served; empty before Start.
func (s *Server) InvokeURL(apiID, stage string) string {
	endpoint := s.Endpoint()
	if endpoint == "" {
		return ""
	}
	return endpoint + invokePrefix + apiID + "/" + stage
}

// Close ends calls that hang, lets the others finish for a moment and stops
// serving. It may be called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	s.mu.Lock()
	server, done, detach := s.http, s.done, s.detach
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	detach()
	grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-done
	if err != nil {
		return fmt.Errorf("local AWS: close: %w", err)
	}
	return nil
}

// Snapshot returns the state of all services by name, as a value that encodes
// to JSON.
func (s *Server) Snapshot() map[string]any {
	out := map[string]any{}
	for name, svc := range s.services {
		if svc.snapshot != nil {
			out[name] = svc.snapshot()
		}
	}
	return out
}

// Requests returns the logged requests after a sequence number.
func (s *Server) Requests(since int64) control.Requests { return s.log.since(since) }

func (s *Server) report(e control.Request, panicked any) {
	if s.options.Report != nil {
		s.options.Report(fmt.Sprintf("panic in %s %s: %v", e.Service, e.Operation, panicked))
	}
}

// invoke hands a request for a deployed API to the data plane.
func (s *Server) invoke(w http.ResponseWriter, r *http.Request, apiID, stage, rawPath string) {
	s.invoker.ServeInvoke(w, r, apiID, stage, rawPath)
}
