// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
)

// readInput is what Query and Scan share.
type readInput struct {
	Select                    *string `aws:"enum=SPECIFIC_ATTRIBUTES|COUNT|ALL_ATTRIBUTES|ALL_PROJECTED_ATTRIBUTES"`
	IndexName                 *string `aws:"name,len=3:255"`
	Limit                     *int32  `aws:"range=1:"`
	ExclusiveStartKey         attr.Item
	ConsistentRead            *bool
	FilterExpression          *string
	ProjectionExpression      *string
	ExpressionAttributeValues attr.Item

	AttributesToGet     any `aws:"unsupported"`
	ConditionalOperator any `aws:"unsupported"`
}

type queryInput struct {
	itemInput
	readInput
	KeyConditionExpression *string
	ScanIndexForward       *bool

	KeyConditions any `aws:"unsupported"`
	QueryFilter   any `aws:"unsupported"`
}

// resources is the table, or the index a query reads: policies name them
// apart (aws-facts G6).
func (in *queryInput) resources(c *call) []string {
	return indexResources(c, *in.TableName, in.IndexName)
}

func indexResources(c *call, table string, index *string) []string {
	arn := c.tableARN(table)
	if index != nil {
		arn += "/index/" + *index
	}
	return []string{arn}
}

// checkSelect checks Select against the other parameters.
func (in *readInput) checkSelect(op string) error {
	how := deref(in.Select)
	switch {
	case how == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == nil:
		return invalidValues("ALL_PROJECTED_ATTRIBUTES can be used only when %s using an IndexName", op)
	case how == "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression == nil:
		return invalidValues("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case how != "" && how != "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression != nil:
		text := map[string]string{"COUNT": "only the Count", "ALL_ATTRIBUTES": "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES": "ALL_PROJECTED_ATTRIBUTES"}
		return invalidValues("Cannot specify the ProjectionExpression when choosing to get %s", text[how])
	}
	return nil
}

// checkStartKey checks the values of ExclusiveStartKey. For some mistakes
// DynamoDB leaves out which key it means.
func checkStartKey(key attr.Item) error {
	p := key.Problem()
	if p == "" {
		return nil
	}
	for _, part := range []string{"contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude"} {
		if strings.Contains(p, part) {
			return validation("%s", p)
		}
	}
	return validation("The provided starting key is invalid: %s", p)
}

// source is what a Query or Scan reads: the table or one of its indexes.
type source struct {
	table *table
	index *index // nil for the table
	keys  schema
	// position are the attributes of LastEvaluatedKey.
	position []key
}

// source finds the index, which must be ready to read (aws-facts H3).
func (c *call) source(t *table, in *readInput) (*source, error) {
	s := &source{table: t, keys: t.keys, position: t.keys}
	if in.IndexName == nil {
		return s, nil
	}
	i := t.index(*in.IndexName, c.now)
	if i == nil || i.state(c.now) == statusDeleting {
		return nil, validation("The table does not have the specified index: %s", *in.IndexName)
	}
	if i.state(c.now) == statusCreating {
		return nil, validation("Cannot read from backfilling global secondary index: %s", i.name)
	}
	if !i.local && deref(in.ConsistentRead) {
		return nil, validation("Consistent reads are not supported on global secondary indexes")
	}
	s.index, s.keys = i, i.keys
	s.position = slices.Clone(t.keys)
	for _, k := range i.keys {
		if !t.keys.has(k.name) {
			s.position = append(s.position, k)
		}
	}
	return s, nil
}

// checkAttributes refuses what a global index can't deliver (aws-facts H1).
func (s *source) checkAttributes(in *readInput, e *expressions) error {
	if s.index == nil || s.index.local || deref(s.index.projection.ProjectionType) == "ALL" {
		return nil
	}
	if deref(in.Select) == "ALL_ATTRIBUTES" {
		return invalidValues("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", s.index.name)
	}
	if e.projection == nil {
		return nil
	}
	have := slices.Concat(s.keys.names(), s.table.keys.names(), s.index.projection.NonKeyAttributes)
	var missing []string
	for _, p := range e.projection.Paths() {
		if !slices.Contains(have, p.Root()) && !slices.Contains(missing, p.Root()) {
			missing = append(missing, p.Root())
		}
	}
	if len(missing) > 0 {
		return invalidValues("Global secondary index %s does not project %s", s.index.name, list(missing))
	}
	return nil
}

func query(c *call, in *queryInput) (any, error) {
	if err := in.checkSelect("Querying"); err != nil {
		return nil, err
	}
	if err := checkStartKey(in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil {
		return nil, validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	e, err := parse(in.ExpressionAttributeNames, in.ExpressionAttributeValues, sources{
		filter: in.FilterExpression, key: in.KeyConditionExpression, projection: in.ProjectionExpression,
		valueUsers: []string{"FilterExpression", "KeyConditionExpression"},
	})
	if err != nil {
		return nil, err
	}
	conditions, err := e.key.KeyConditions()
	if err != nil {
		return nil, err
	}
	if len(conditions) > 2 {
		return nil, validation("Conditions can be of length 1 or 2 only")
	}
	t, err := c.serving(*in.TableName)
	if err != nil {
		return nil, err
	}
	s, err := c.source(t, &in.readInput)
	if err != nil {
		return nil, err
	}
	if err := s.checkConditions(conditions, in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	if err := s.checkExpressions(&in.readInput, e, true); err != nil {
		return nil, err
	}
	span := s.span(conditions)
	span.backwards = in.ScanIndexForward != nil && !*in.ScanIndexForward
	return c.page(s, &in.itemInput, &in.readInput, e, span), nil
}

func (s *source) checkExpressions(in *readInput, e *expressions, query bool) error {
	if e.projection != nil {
		if err := s.table.checkPaths(e.projection.Paths()); err != nil {
			return err
		}
	}
	if e.filter != nil && query {
		roots := e.filter.Roots()
		for _, k := range s.keys {
			if roots[k.name] {
				return validation("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", k.name)
			}
		}
	}
	if err := s.checkAttributes(in, e); err != nil {
		return err
	}
	if e.filter != nil {
		return s.table.checkPaths(e.filter.Paths())
	}
	return nil
}

// checkConditions checks the key conditions against the keys that are read,
// and where the page is to start.
func (s *source) checkConditions(conditions map[string]expr.KeyCondition, start attr.Item) error {
	if start != nil && len(start) != len(s.position) {
		return validation("The provided starting key is invalid")
	}
	for i, k := range s.keys {
		if start != nil {
			if _, ok := start[k.name]; !ok {
				return validation("The provided starting key is invalid")
			}
			if err := (schema{k}).checkKey(start.Pick(k.name)); err != nil {
				return err
			}
		}
		cond, ok := conditions[k.name]
		switch {
		case i == 0 && len(s.keys) == 1 && len(conditions) > 1:
			return validation("Query key condition not supported")
		case !ok && (i == 0 || len(conditions) > 1):
			return validation("Query condition missed key schema element: %s", k.name)
		case !ok:
			continue
		}
		for _, v := range cond.Values {
			if v.Kind != k.kind {
				return invalidValues("Condition parameter type does not match schema type")
			}
			if v.Str == "" {
				return validation("One or more parameter values are not valid. "+
					"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", emptyKind(k.kind), k.name)
			}
		}
		if i == 0 && cond.Operator != "=" {
			return validation("Query key condition not supported")
		}
	}
	if start == nil {
		return nil
	}
	return s.checkStart(conditions, start)
}

func (s *source) checkStart(conditions map[string]expr.KeyCondition, start attr.Item) error {
	if err := s.startKeyFits(start); err != nil {
		return err
	}
	sameHash := conditions[s.keys[0].name].Matches(start[s.keys[0].name])
	if len(s.keys) == 2 {
		if cond, ok := conditions[s.keys[1].name]; ok {
			if !cond.Matches(start[s.keys[1].name]) {
				return validation("The provided starting key does not match the range key predicate")
			}
			if !sameHash {
				return validation("The query can return at most one row and cannot be restarted")
			}
		}
	}
	if !sameHash {
		return validation("The provided starting key is outside query boundaries based on provided conditions")
	}
	return nil
}

// startKeyFits checks the types and sizes of a starting key.
func (s *source) startKeyFits(start attr.Item) error {
	for _, k := range s.position {
		if err := (schema{k}).checkKey(start.Pick(k.name)); err != nil {
			return validation("The provided starting key is invalid: %s", asAPIError(err).message)
		}
	}
	return nil
}
