// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/commentsapi/operator/hack/conformance/oracle"
	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// engine renders attempts; one that fails is a result that isn't OK. It may be
// asked by several goroutines at once.
type engine interface {
	name() string
	render([]attempt) ([]oracle.Result, error)
}

// ours is the template engine of the local AWS.
type ours map[string]*velocity.Template

func newOurs(s sources) (ours, error) {
	all := ours{}
	for name, source := range s {
		parsed, err := mapping.Compile(source)
		if err != nil {
			return nil, fmt.Errorf("parse the mapping template %s: %w", name, err)
		}
		all[name] = parsed
	}
	return all, nil
}

func (ours) name() string { return "ours" }

func (o ours) render(all []attempt) ([]oracle.Result, error) {
	results := make([]oracle.Result, len(all))
	for i, a := range all {
		out, err := mapping.Render(o[a.template], a.in)
		switch {
		case err != nil:
			results[i].Text = err.Error()
		case len(out.RequestHeaders)+len(out.RequestPath)+len(out.RequestQuery)+len(out.ResponseHeaders)+out.ResponseStatus > 0:
			results[i].Text = fmt.Sprintf("it overrides %+v", out)
		default:
			results[i] = oracle.Result{OK: true, Text: out.Body}
		}
	}
	return results, nil
}

// apache is Apache Velocity 1.7, in a Java program of its own.
type apache struct {
	mu      sync.Mutex
	process *oracle.Process
}

// newApache starts the program and gives it the templates.
func newApache(ctx context.Context, classPath string, s sources) (*apache, error) {
	p, err := oracle.Start(ctx, classPath)
	if err != nil {
		return nil, err
	}
	a := &apache{process: p}
	if err := a.define(s); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return a, nil
}

func (a *apache) define(s sources) error {
	for name, source := range s {
		line, err := json.Marshal(map[string]string{"define": name, "template": source})
		if err != nil {
			return err
		}
		results, err := a.process.Run([][]byte{line})
		if err != nil {
			return err
		}
		if !results[0].OK {
			return fmt.Errorf("parse the mapping template %s: %s", name, results[0].Text)
		}
	}
	return nil
}

func (a *apache) close() error { return a.process.Close() }

func (*apache) name() string { return "Velocity" }

// data is the input of a template as the program takes it.
type data struct {
	Body    string            `json:"body,omitempty"`
	Path    map[string]string `json:"path,omitempty"`
	Query   map[string]string `json:"query,omitempty"`
	Context map[string]any    `json:"context,omitempty"`
}

// writtenDel has DEL as an escape: json-smart, which reads JSON in the Java
// program, skips one that stands in a string as it is.
func writtenDel(json string) string { return strings.ReplaceAll(json, "\x7f", `\u007f`) }

func (a *apache) render(all []attempt) ([]oracle.Result, error) {
	lines := make([][]byte, len(all))
	for i, t := range all {
		line, err := json.Marshal(struct {
			Use  string `json:"use"`
			Data data   `json:"data"`
		}{t.template, data{writtenDel(string(t.in.Body)), t.in.Path, t.in.Query, t.in.Context}})
		if err != nil {
			return nil, err
		}
		lines[i] = []byte(writtenDel(string(line)))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	results, err := a.process.Run(lines)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		// Overrides follow the body; no text may make any.
		if r.OK && strings.Contains(r.Text, "\n@") {
			results[i] = oracle.Result{Text: "it overrides: " + r.Text}
		}
	}
	return results, nil
}
