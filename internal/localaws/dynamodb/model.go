// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"strconv"
	"time"
)

// The shapes of the API. Field names are wire names; the aws tags are the
// model's constraints (see package wire).

type attributeDefinition struct {
	AttributeName *string `aws:"required,len=1:255"`
	AttributeType *string `aws:"required,enum=B|N|S"`
}

type keySchemaElement struct {
	AttributeName *string `aws:"required,len=1:255"`
	KeyType       *string `aws:"required,enum=HASH|RANGE"`
}

type projection struct {
	ProjectionType   *string  `aws:"enum=ALL|INCLUDE|KEYS_ONLY" json:",omitempty"`
	NonKeyAttributes []string `aws:"len=1:20" json:",omitempty"`
}

type provisionedThroughput struct {
	ReadCapacityUnits  *int64 `aws:"required,range=1:"`
	WriteCapacityUnits *int64 `aws:"required,range=1:"`
}

type onDemandThroughput struct {
	MaxReadRequestUnits  *int64 `json:",omitempty"`
	MaxWriteRequestUnits *int64 `json:",omitempty"`
}

type warmThroughput struct {
	ReadUnitsPerSecond  *int64 `aws:"range=1:"`
	WriteUnitsPerSecond *int64 `aws:"range=1:"`
}

type localSecondaryIndex struct {
	IndexName  *string            `aws:"required,name,len=3:255"`
	KeySchema  []keySchemaElement `aws:"required,len=1:2"`
	Projection *projection        `aws:"required"`
}

type globalSecondaryIndex struct {
	IndexName             *string            `aws:"required,name,len=3:255"`
	KeySchema             []keySchemaElement `aws:"required,len=1:2"`
	Projection            *projection        `aws:"required"`
	ProvisionedThroughput *provisionedThroughput
	OnDemandThroughput    *onDemandThroughput
	WarmThroughput        *warmThroughput
}

type sseSpecification struct {
	Enabled        *bool
	SSEType        *string `aws:"enum=AES256|KMS"`
	KMSMasterKeyId *string //nolint:revive // the wire name
}

type tag struct {
	Key   *string `aws:"required,len=1:128"`
	Value *string `aws:"required,len=0:256"`
}

// tableInput is the input of operations that only name a table.
type tableInput struct {
	TableName *string `aws:"table"`
}

func (in *tableInput) resources(c *call) []string {
	return []string{c.tableARN(*in.TableName)}
}

// tableARN is the ARN a policy must allow; a name that already is one stays.
func (c *call) tableARN(nameOrARN string) string {
	if len(nameOrARN) > 4 && nameOrARN[:4] == "arn:" {
		return nameOrARN
	}
	return c.region.arn(nameOrARN)
}

// nothing is embedded in inputs of operations on no particular resource.
type nothing struct{}

func (nothing) resources(*call) []string { return []string{"*"} }

// epoch is a time in AWS's JSON form: seconds with a fraction.
type epoch time.Time

// MarshalJSON writes seconds since 1970 with milliseconds.
func (e epoch) MarshalJSON() ([]byte, error) {
	ms := time.Time(e).UnixMilli()
	return strconv.AppendFloat(nil, float64(ms)/1000, 'f', 3, 64), nil
}

// when returns nil for the zero time, which is left out of responses.
func when(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	e := epoch(t)
	return &e
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func ptr[T any](v T) *T { return &v }
