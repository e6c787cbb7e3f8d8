// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"context"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/commentsapi/operator/internal/localaws/control"
)

func TestNothingOutlivesAServer(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for _, end := range []string{"Close", "context"} {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{DisableKeepAlives: true}
		if err := control.New(s.Endpoint(), &http.Client{Transport: transport}).Health(ctx); err != nil {
			t.Error(err)
		}
		if end == "Close" {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		cancel()
		goleak.VerifyNone(t, before)
	}
}
