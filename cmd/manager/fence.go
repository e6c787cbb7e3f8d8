// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fenced is a client that writes only while the leader's lease is held. A
// status that was decided on before a long pause would otherwise replace what
// the next leader found, and stay until its next check.
type fenced struct {
	client.Client
	held func() error
}

// Patch implements client.Client.
func (f fenced) Patch(ctx context.Context, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
	if err := f.held(); err != nil {
		return err
	}
	return f.Client.Patch(ctx, obj, patch, opts...)
}

// Status implements client.Client.
func (f fenced) Status() client.SubResourceWriter {
	return fencedStatus{f.Client.Status(), f.held}
}

type fencedStatus struct {
	client.SubResourceWriter
	held func() error
}

// Patch implements client.SubResourceWriter.
func (f fencedStatus) Patch(ctx context.Context, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
	if err := f.held(); err != nil {
		return err
	}
	return f.SubResourceWriter.Patch(ctx, obj, patch, opts...)
}
