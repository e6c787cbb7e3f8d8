// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// countingClient is a client of which only writing counts.
type countingClient struct {
	client.Client
	patches, statuses int
}

func (c *countingClient) Patch(context.Context, client.Object, client.Patch, ...client.PatchOption) error {
	c.patches++
	return nil
}

func (c *countingClient) Status() client.SubResourceWriter { return statusCounter{c: c} }

type statusCounter struct {
	client.SubResourceWriter
	c *countingClient
}

func (s statusCounter) Patch(context.Context, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
	s.c.statuses++
	return nil
}

// TestNothingIsWrittenToTheClusterOnceTheLeaseIsOver: the next leader's word
// counts.
func TestNothingIsWrittenToTheClusterOnceTheLeaseIsOver(t *testing.T) {
	inner := &countingClient{}
	var over error
	c := fenced{inner, func() error { return over }}
	obj := &v1alpha1.CommentsAPI{}
	write := func() (error, error) {
		return c.Patch(t.Context(), obj, client.MergeFrom(obj)), c.Status().Patch(t.Context(), obj, client.MergeFrom(obj))
	}
	if a, b := write(); a != nil || b != nil || inner.patches != 1 || inner.statuses != 1 {
		t.Errorf("a leader's writes: %v, %v, %d and %d written; want one each", a, b, inner.patches, inner.statuses)
	}
	over = errLeaseOver
	if a, b := write(); !errors.Is(a, over) || !errors.Is(b, over) || inner.patches != 1 || inner.statuses != 1 {
		t.Errorf("an ex-leader's writes: %v, %v, %d and %d written; want refusals", a, b, inner.patches, inner.statuses)
	}
}
