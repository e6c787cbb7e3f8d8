// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"regexp"
	"sync"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// definition is a snapshot made ready to serve: its paths as a tree, and its
// templates, schemas and patterns compiled when they are first needed. What
// does not compile fails the requests that need it, as on AWS.
type definition struct {
	snapshot *model.Snapshot
	tree     *node

	templates lazy[*velocity.Template]
	patterns  lazy[*regexp.Regexp]
	schemas   lazy[*bodySchema]
	policies  lazy[*policy.Document]
}

func newDefinition(snapshot *model.Snapshot) *definition {
	return &definition{snapshot: snapshot, tree: buildTree(snapshot.Resources)}
}

// template returns the compiled template.
func (d *definition) template(src string) (*velocity.Template, error) {
	return d.templates.get(src, mapping.Compile)
}

// pattern returns the compiled selection pattern. Whether AWS anchors it is
// unconfirmed (aws-facts F1); the whole status code must match here, so that
// a pattern that relies on a prefix match shows up.
func (d *definition) pattern(src string) (*regexp.Regexp, error) {
	return d.patterns.get(src, func(src string) (*regexp.Regexp, error) {
		return regexp.Compile(`^(?:` + src + `)$`)
	})
}

// schema returns the compiled JSON schema of a model.
func (d *definition) schema(name string) (*bodySchema, error) {
	return d.schemas.get(name, func(name string) (*bodySchema, error) {
		return compileModel(d.snapshot, name)
	})
}

// lazy computes each key's value once. Its keys come from an immutable
// definition, which bounds it.
type lazy[V any] struct {
	mu     sync.RWMutex
	values map[string]outcome[V]
}

type outcome[V any] struct {
	value V
	err   error
}

func (l *lazy[V]) get(key string, compute func(string) (V, error)) (V, error) {
	l.mu.RLock()
	o, ok := l.values[key]
	l.mu.RUnlock()
	if ok {
		return o.value, o.err
	}
	// Two requests may compute the same value at once; either result serves.
	o.value, o.err = compute(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.values == nil {
		l.values = map[string]outcome[V]{}
	}
	l.values[key] = o
	return o.value, o.err
}
