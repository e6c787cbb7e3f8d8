// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wire reads JSON requests into Go structs as strictly as AWS does:
// wrong JSON types are serialization errors, violated constraints are
// collected into one validation error, unknown fields are ignored and names
// are case-sensitive.
package wire

// SerializationError is a request whose JSON doesn't fit the operation's
// input shape. An empty text means that it isn't JSON at all.
type SerializationError string

// Error returns AWS's text.
func (e SerializationError) Error() string { return string(e) }

// ValidationError is a request that has the right shape and violates a
// constraint of the model.
type ValidationError string

// Error returns AWS's text.
func (e ValidationError) Error() string { return string(e) }
