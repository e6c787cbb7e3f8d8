// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// contextObject is $context: the caller's values and the two overrides.
type contextObject struct {
	values            *velocity.Map
	request, response *override
}

func newContext(values map[string]any) *contextObject {
	m, _ := velocity.From(values).(*velocity.Map)
	return &contextObject{
		values:   m,
		request:  newOverride("requestOverride", "header", "path", "querystring"),
		response: newOverride("responseOverride", "header"),
	}
}

// Get returns a value of the context or an override.
func (c *contextObject) Get(name string) (any, bool) {
	switch name {
	case "requestOverride":
		return c.request, true
	case "responseOverride":
		return c.response, true
	}
	return c.values.Get(name)
}

// Call knows get(name).
func (c *contextObject) Call(method string, args []any) (any, error) {
	return getByMethod(c, method, args)
}

// String prints the caller's values.
func (c *contextObject) String() string {
	s, _ := text(c.values)
	return s
}

func getByMethod(o velocity.Object, method string, args []any) (any, error) {
	if method != "get" || len(args) != 1 {
		return nil, velocity.ErrNoMethod
	}
	name, ok := args[0].(string)
	if !ok {
		return nil, velocity.ErrNoMethod
	}
	v, _ := o.Get(name)
	return v, nil
}

// override is $context.requestOverride or $context.responseOverride.
type override struct {
	name    string
	targets map[string]*targets
	status  any
}

func newOverride(name string, kinds ...string) *override {
	o := &override{name: name, targets: map[string]*targets{}}
	for _, k := range kinds {
		o.targets[k] = &targets{name: "$context." + name + "." + k, set: map[string]target{}}
	}
	return o
}

// Get returns the targets of a kind, or the status that was set.
func (o *override) Get(name string) (any, bool) {
	if t := o.targets[name]; t != nil {
		return t, true
	}
	if name == "status" && o.status != nil {
		return o.status, true
	}
	return nil, false
}

// Call knows get(name).
func (o *override) Call(method string, args []any) (any, error) { return getByMethod(o, method, args) }

// String names the override.
func (o *override) String() string { return o.name }

// Set sets the status, once (aws-facts E4).
func (o *override) Set(name string, value any) error {
	if name != "status" || o.name != "responseOverride" {
		return nil
	}
	if o.status != nil {
		return fmt.Errorf("$context.%s.status is overridden twice: a template may do so once", o.name)
	}
	o.status = value
	return nil
}

// statusCode is the status, 0 when none or none that HTTP has was set
// (aws-facts E4).
func (o *override) statusCode() int {
	s, err := text(o.status)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
}

// targets are the headers, path or query string parameters of an override.
type targets struct {
	name string
	set  map[string]target // by name, of headers in lower case
}

type target struct{ name, value string }

// key is what tells two targets apart: names of headers by no case.
func (t *targets) key(name string) string {
	if strings.HasSuffix(t.name, ".header") {
		return strings.ToLower(name)
	}
	return name
}

// Get returns what was set before in this template.
func (t *targets) Get(name string) (any, bool) {
	v, ok := t.set[t.key(name)]
	if !ok {
		return nil, false
	}
	return v.value, true
}

// Call knows get(name) and put(name, value).
func (t *targets) Call(method string, args []any) (any, error) {
	if method == "put" && len(args) == 2 {
		name, ok := args[0].(string)
		if !ok || args[1] == nil {
			return nil, velocity.ErrNoMethod
		}
		return nil, t.Set(name, args[1])
	}
	return getByMethod(t, method, args)
}

// String names the kind of target.
func (t *targets) String() string { return t.name }

// Set sets a target, once (aws-facts E4).
func (t *targets) Set(name string, value any) error {
	key := t.key(name)
	if _, ok := t.set[key]; ok {
		return fmt.Errorf("%s.%s is overridden twice: a template may do so once", t.name, name)
	}
	s, err := text(value)
	if err != nil {
		return err
	}
	t.set[key] = target{name, velocity.EncodeUTF8(s)}
	return nil
}

// values are the targets by name, nil when there are none.
func (t *targets) values() map[string]string {
	if len(t.set) == 0 {
		return nil
	}
	m := make(map[string]string, len(t.set))
	for _, v := range t.set {
		m[v.name] = v.value
	}
	return m
}
