// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
)

// itemInput is what the inputs of item operations share.
type itemInput struct {
	TableName                *string `aws:"required,name,len=3:255"`
	ReturnConsumedCapacity   *string `aws:"enum=INDEXES|TOTAL|NONE"`
	ExpressionAttributeNames map[string]*string
}

func (in *itemInput) resources(c *call) []string {
	return []string{c.tableARN(*in.TableName)}
}

// writeInput is what the inputs of writes share.
type writeInput struct {
	itemInput
	ReturnValues                        *string `aws:"enum=ALL_NEW|UPDATED_OLD|ALL_OLD|NONE|UPDATED_NEW"`
	ReturnItemCollectionMetrics         *string `aws:"enum=SIZE|NONE"`
	ReturnValuesOnConditionCheckFailure *string `aws:"enum=ALL_OLD|NONE"`
	ConditionExpression                 *string
	ExpressionAttributeValues           attr.Item

	Expected            any `aws:"unsupported"`
	ConditionalOperator any `aws:"unsupported"`
}

// expressions are the parsed expressions of a request.
type expressions struct {
	condition, filter, key *expr.Condition
	projection             *expr.Projection
	update                 *expr.Update
}

// sources are the texts of the expressions a request may have; values says
// that the operation knows ExpressionAttributeValues, for which the named
// expressions must be there.
type sources struct {
	condition, filter, key, projection, update *string
	valueUsers                                 []string
}

// parse reads all expressions in DynamoDB's order and checks that every
// placeholder is used.
func parse(names map[string]*string, values attr.Item, src sources) (*expressions, error) {
	withValues := src.condition != nil || src.filter != nil || src.key != nil || src.update != nil
	if names != nil && !withValues && src.projection == nil {
		return nil, validation("ExpressionAttributeNames can only be specified when using expressions")
	}
	if values != nil && !withValues {
		verb := "is"
		if len(src.valueUsers) > 1 {
			verb = "are"
		}
		return nil, validation("ExpressionAttributeValues can only be specified when using expressions: %s %s null",
			strings.Join(src.valueUsers, " and "), verb)
	}
	var plain map[string]string
	if names != nil {
		plain = make(map[string]string, len(names))
		for k, v := range names {
			plain[k] = deref(v)
		}
	}
	p, err := expr.NewPlaceholders(plain, values)
	if err != nil {
		return nil, err
	}
	var out expressions
	steps := []struct {
		name string
		text *string
		read func(string) error
	}{
		{"Update", src.update, func(s string) (err error) { out.update, err = expr.ParseUpdate(s, p); return }},
		{"Condition", src.condition, func(s string) (err error) { out.condition, err = expr.ParseCondition(s, p); return }},
		{"KeyCondition", src.key, func(s string) (err error) { out.key, err = expr.ParseCondition(s, p); return }},
		{"Filter", src.filter, func(s string) (err error) { out.filter, err = expr.ParseCondition(s, p); return }},
		{"Projection", src.projection, func(s string) (err error) { out.projection, err = expr.ParseProjection(s, p); return }},
	}
	for _, s := range steps {
		if s.text == nil {
			continue
		}
		if err := s.read(*s.text); err != nil {
			return nil, validation("Invalid %sExpression: %v", s.name, err)
		}
	}
	return &out, p.Unused()
}

// checkPaths refuses paths into key attributes, which are scalars.
func (t *table) checkPaths(paths []expr.Path) error {
	const text = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
	for _, root := range expr.NestedRoots(paths) {
		if t.keys.has(root) {
			return validation(text+"Key: %s", root)
		}
		for _, i := range t.indexes {
			if i.keys.has(root) {
				return validation(text+"IndexKey: %s", root)
			}
		}
	}
	return nil
}
