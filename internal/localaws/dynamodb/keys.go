// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Sizes in bytes (aws-facts H1).
const (
	maxHashKey  = 2048
	maxRangeKey = 1024
	maxItem     = 400 << 10
)

func emptyKind(k attr.Kind) string {
	if k == attr.B {
		return "binary"
	}
	return "string"
}

// checkKeySize checks the length of a key value; numbers always fit.
func checkKeySize(v attr.Value, sortKey bool) error {
	switch {
	case v.Kind == attr.N:
	case !sortKey && len(v.Str) > maxHashKey:
		return invalidValues("Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashKey)
	case sortKey && len(v.Str) > maxRangeKey:
		return invalidValues("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxRangeKey)
	}
	return nil
}

// checkKey checks the Key of a request against a table's keys.
func (s schema) checkKey(item attr.Item) error {
	if len(item) != len(s) {
		return validation("The provided key element does not match the schema")
	}
	for i, k := range s {
		v, ok := item[k.name]
		if !ok || v.Kind != k.kind {
			return validation("The provided key element does not match the schema")
		}
		if v.Str == "" {
			return validation("One or more parameter values are not valid. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", emptyKind(k.kind), k.name)
		}
		if err := checkKeySize(v, i > 0); err != nil {
			return err
		}
	}
	return nil
}

// checkItem checks the key attributes of a whole item, those of the table and
// those of its indexes. The caller holds d.mu.
func (d *data) checkItem(item attr.Item) error {
	for i, k := range d.keys {
		v, ok := item[k.name]
		switch {
		case !ok:
			return invalidValues("Missing the key %s in the item", k.name)
		case v.Kind != k.kind:
			return invalidValues("Type mismatch for key %s expected: %s actual: %s", k.name, k.kind, v.Kind)
		case v.Str == "":
			return validation("One or more parameter values are not valid. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", emptyKind(k.kind), k.name)
		}
		if err := checkKeySize(v, i > 0); err != nil {
			return err
		}
	}
	for _, x := range d.indexes {
		if err := x.checkItem(item); err != nil {
			return err
		}
	}
	return nil
}

func (x *indexData) checkItem(item attr.Item) error {
	for i, k := range x.keys {
		v, ok := item[k.name]
		switch {
		case !ok:
			continue
		case v.Kind != k.kind:
			return invalidValues("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", k.name, k.kind, v.Kind, x.name)
		case v.Str == "":
			return validation("One or more parameter values are not valid. A value specified for a secondary index key is not supported. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", emptyKind(k.kind), x.name, k.name)
		}
		if err := checkKeySize(v, i > 0); err != nil {
			return err
		}
	}
	return nil
}
