// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"maps"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Placeholders are ExpressionAttributeNames and ExpressionAttributeValues,
// with a record of which of them the expressions of a request used.
type Placeholders struct {
	names  map[string]string
	values attr.Item
	unused struct{ names, values map[string]bool }
}

// NewPlaceholders checks the two maps of a request; nil means absent. The
// error's text is DynamoDB's.
func NewPlaceholders(names map[string]string, values attr.Item) (*Placeholders, error) {
	p := &Placeholders{names: names, values: values}
	p.unused.names = map[string]bool{}
	p.unused.values = map[string]bool{}
	if names != nil && len(names) == 0 {
		return nil, Error("ExpressionAttributeNames must not be empty")
	}
	for _, k := range slices.Sorted(maps.Keys(names)) {
		if !validPlaceholder(k, '#') {
			return nil, Error("ExpressionAttributeNames contains invalid key: Syntax error; key: \"" + k + "\"")
		}
		p.unused.names[k] = true
	}
	if values != nil && len(values) == 0 {
		return nil, Error("ExpressionAttributeValues must not be empty")
	}
	for _, k := range values.Names() {
		if !validPlaceholder(k, ':') {
			return nil, Error("ExpressionAttributeValues contains invalid key: Syntax error; key: \"" + k + "\"")
		}
		p.unused.values[k] = true
	}
	for _, k := range values.Names() {
		if problem := values[k].Problem(); problem != "" {
			return nil, Error("ExpressionAttributeValues contains invalid value: " + problem + " for key " + k)
		}
	}
	return p, nil
}

func validPlaceholder(s string, mark byte) bool {
	return len(s) > 1 && s[0] == mark && word(s, 1) == len(s)
}

// Unused complains about placeholders that no expression used. Call it after
// the last expression of the request was parsed.
func (p *Placeholders) Unused() error {
	if list := keyList(p.unused.names); list != "" {
		return Error("Value provided in ExpressionAttributeNames unused in expressions: keys: {" + list + "}")
	}
	if list := keyList(p.unused.values); list != "" {
		return Error("Value provided in ExpressionAttributeValues unused in expressions: keys: {" + list + "}")
	}
	return nil
}

func keyList(m map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// resolvePath replaces the #placeholders of a path. The first problem is
// returned; used placeholders count as used all the same.
func (p *Placeholders) resolvePath(path Path) error {
	for i, s := range path {
		if s.IsIndex || !strings.HasPrefix(s.Name, "#") {
			continue
		}
		name, ok := p.names[s.Name]
		if !ok {
			return Error("An expression attribute name used in the document path is not defined; attribute name: " + s.Name)
		}
		delete(p.unused.names, s.Name)
		path[i].Name = name
	}
	return nil
}

func (p *Placeholders) resolveValue(n *node) error {
	v, ok := p.values[n.name]
	if !ok {
		return Error("An expression attribute value used in expression is not defined; attribute value: " + n.name)
	}
	delete(p.unused.values, n.name)
	n.value = v
	return nil
}

// reservedIn returns a complaint about a reserved word used as a plain name.
func reservedIn(path Path) error {
	for _, s := range path {
		if !s.IsIndex && isReserved(s.Name) {
			return Error("Attribute name is a reserved keyword; reserved keyword: " + s.Name)
		}
	}
	return nil
}
