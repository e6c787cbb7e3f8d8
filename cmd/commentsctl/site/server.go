// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Server serves the site on an origin of its own. The origin is known before
// the API is, so that the API can be told to let it in.
type Server struct {
	listener net.Listener
	server   *http.Server
	handler  atomic.Pointer[http.Handler]
	served   chan error
}

// Listen takes a port of 127.0.0.1, 0 being a free one, and answers 503 until
// Serve names the API. Close it.
func Listen(port int) (*Server, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("take port %d for the site: %w; choose another", port, err)
	}
	s := &Server{listener: listener, served: make(chan error, 1)}
	s.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := s.handler.Load(); h != nil {
			(*h).ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the API is not there yet", http.StatusServiceUnavailable)
	})}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// Origin is the site's origin, for api.cors.allowedOrigins.
func (s *Server) Origin() string { return "http://" + s.listener.Addr().String() }

// Serve names the API that the pages call.
func (s *Server) Serve(api string) error {
	h, err := Handler(api)
	if err != nil {
		return err
	}
	s.handler.Store(&h)
	return nil
}

// Close ends the server and waits for its end.
func (s *Server) Close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	if ended := <-s.served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
