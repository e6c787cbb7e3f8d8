// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package testcluster

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/statuslint"
)

// catchUp bounds how long the end of a run waits for the last changes.
const catchUp = 10 * time.Second

// linter follows every change of every CommentsAPI of the server and holds
// each status to the rules that tools rely on, whichever test made it.
type linter struct {
	cancel context.CancelFunc
	ended  chan struct{}

	mu sync.Mutex
	// tests are the names of tests by namespace.
	tests map[string]string
	// forged are namespaces whose statuses are not the operator's.
	forged map[string]bool
	last   map[types.UID]*v1alpha1.CommentsAPI
	// seen is the resource version of the last change.
	seen     int64
	problems []string
	err      error
}

// watch follows the server until end is called. The CRD has to be there.
func watch(config *rest.Config, c client.WithWatch) (*linter, error) {
	ctx, cancel := context.WithCancel(context.Background())
	l := &linter{cancel: cancel, ended: make(chan struct{}), tests: map[string]string{}, forged: map[string]bool{},
		last: map[types.UID]*v1alpha1.CommentsAPI{}}
	stream, err := c.Watch(ctx, &v1alpha1.CommentsAPIList{})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("watch %s: %w", config.Host, err)
	}
	go func() {
		defer close(l.ended)
		for event := range stream.ResultChan() {
			if o, ok := event.Object.(*v1alpha1.CommentsAPI); ok {
				l.look(o)
			} else if ctx.Err() == nil {
				l.fail(fmt.Errorf("the watch says %v", event.Object))
			}
		}
		if ctx.Err() == nil {
			l.fail(fmt.Errorf("the watch ended before the tests"))
		}
	}()
	return l, nil
}

func (l *linter) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

func (l *linter) look(o *v1alpha1.CommentsAPI) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen, _ = strconv.ParseInt(o.ResourceVersion, 10, 64)
	if l.forged[o.Namespace] {
		return
	}
	found := statuslint.Problems(o)
	if before := l.last[o.UID]; before != nil {
		found = append(found, statuslint.Changed(before, o)...)
	}
	l.last[o.UID] = o
	for _, problem := range found {
		l.problems = append(l.problems, fmt.Sprintf("%s: CommentsAPI %s/%s: %s", l.tests[o.Namespace], o.Namespace, o.Name, problem))
	}
}

// end waits until every change was seen and returns what was found.
func (l *linter) end(c client.Client) ([]string, error) {
	defer func() { l.cancel(); <-l.ended }()
	var last int64
	list := &v1alpha1.CommentsAPIList{}
	if err := c.List(context.Background(), list); err != nil {
		return nil, err
	}
	for i := range list.Items {
		version, _ := strconv.ParseInt(list.Items[i].ResourceVersion, 10, 64)
		last = max(last, version)
	}
	deadline := time.After(catchUp)
	for {
		l.mu.Lock()
		seen, problems, err := l.seen, l.problems, l.err
		l.mu.Unlock()
		if err != nil || seen >= last {
			return problems, err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			return problems, fmt.Errorf("the changes of CommentsAPI objects were not all seen in %s", catchUp)
		}
	}
}

// Forged says that a test writes statuses of its own into a namespace: they
// are not held to what tools rely on.
func Forged(t testing.TB, namespace string) {
	t.Helper()
	shared(t)
	lint.mu.Lock()
	defer lint.mu.Unlock()
	lint.forged[namespace] = true
}
