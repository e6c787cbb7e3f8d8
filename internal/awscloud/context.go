// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import "context"

// Priority orders callers that wait for the same quota.
type Priority int

const (
	// Background is for work nobody waits for, such as drift checks. It is
	// the zero value and the default.
	Background Priority = iota
	// User is for work that follows a change by a user. While one waits, no
	// Background caller gets a turn it could have.
	User
)

// String is the value of the metric label "priority".
func (p Priority) String() string {
	if p == User {
		return "user"
	}
	return "background"
}

type priorityKey struct{}

type callerKey struct{}

// WithPriority says how urgent the AWS calls made with the returned context are.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// WithKey names on whose behalf AWS calls are made, for example the uid of an
// object. A caller that is asked to come back (class Paced) finds its turn
// kept when it comes back with the same key; without a key it starts at the
// end of the line each time.
func WithKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, callerKey{}, key)
}

func priorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

func keyOf(ctx context.Context) string {
	k, _ := ctx.Value(callerKey{}).(string)
	return k
}
