// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package dynamodb is the local AWS's DynamoDB: tables with their states and
// delays, items, indexes, expressions, and the JSON protocol. It is strict
// where AWS is strict (aws-facts F2, H) and keeps everything in memory.
package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/wire"
)

// lagName is the service's key in core.Nature.Lag.
const lagName = "dynamodb"

// Service is DynamoDB for all accounts and regions. Create it with New.
type Service struct {
	env *core.Env

	mu      sync.Mutex
	regions map[regionKey]*region
}

type regionKey struct{ partition, region, account string }

// region is one account's DynamoDB in one region.
type region struct {
	regionKey
	// mu serialises changes of tables; reads go to the store directly.
	mu     sync.Mutex
	tables *core.Store[string, *table]
}

// New returns a DynamoDB without tables.
func New(env *core.Env) *Service {
	return &Service{env: env, regions: map[regionKey]*region{}}
}

func (s *Service) region(c core.Caller) *region {
	key := regionKey{partition: c.Partition, region: c.Region, account: c.AccountID}
	if key.partition == "" {
		key.partition = "aws"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.regions[key]
	if r == nil {
		r = &region{regionKey: key, tables: core.NewStore[string, *table](s.env.Clock)}
		s.regions[key] = r
	}
	return r
}

// call is one request on its way.
type call struct {
	env    *core.Env
	region *region
	caller core.Caller
	op     string
	now    time.Time
}

// operation handles a request body for a call.
type operation func(c *call, body []byte) (any, error)

// handle makes an operation of a function with a typed input: it decodes the
// body, checks the model's constraints, and asks whether the caller may touch
// the resources the input names.
func handle[I any, P interface {
	*I
	resources(c *call) []string
}](f func(c *call, in P) (any, error)) operation {
	return func(c *call, body []byte) (any, error) {
		in := P(new(I))
		if err := wire.Decode(body, in); err != nil {
			return nil, err
		}
		for _, resource := range in.resources(c) {
			if err := c.authorize("dynamodb:"+c.op, resource, in); err != nil {
				return nil, err
			}
		}
		return f(c, in)
	}
}

// Call performs one operation for the caller and returns the HTTP status and
// the JSON body, which for errors is DynamoDB's error body and for operations
// without a result is empty. The data plane of
// API Gateway calls it with an integration role as the caller.
func (s *Service) Call(ctx context.Context, caller core.Caller, op string, body []byte) (status int, respBody []byte) {
	out, err := s.call(ctx, caller, op, body)
	if err != nil {
		e := asAPIError(err)
		return e.status, encode(e.body())
	}
	if out == nil {
		return http.StatusOK, nil // AWS answers without a body
	}
	return http.StatusOK, encode(out)
}

func (s *Service) call(ctx context.Context, caller core.Caller, op string, body []byte) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, ok := operations[op]
	if !ok {
		if unimplemented[op] {
			return nil, failure(service+"UnknownOperationException", "The local AWS does not implement DynamoDB's %s", op)
		}
		return nil, failure(service+"UnknownOperationException", "")
	}
	if caller.AccountID == "" || caller.Region == "" {
		return nil, failure(service+"MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	return f(&call{env: s.env, region: s.region(caller), caller: caller, op: op, now: s.env.Now()}, body)
}

// encode writes JSON without escaping <, > and &, as AWS does.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{"__type":"` + modelled + `InternalServerError","message":"the response can't be encoded"}`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

var operations map[string]operation

func init() {
	operations = map[string]operation{
		"CreateTable":               handle(createTable),
		"DescribeTable":             handle(describeTable),
		"UpdateTable":               handle(updateTable),
		"DeleteTable":               handle(deleteTable),
		"ListTables":                handle(listTables),
		"TagResource":               handle(tagResource),
		"UntagResource":             handle(untagResource),
		"ListTagsOfResource":        handle(listTags),
		"DescribeContinuousBackups": handle(describeBackups),
		"UpdateContinuousBackups":   handle(updateBackups),
		"DescribeTimeToLive":        handle(describeTTL),
		"UpdateTimeToLive":          handle(updateTTL),
		"DescribeLimits":            handle(describeLimits),
		"DescribeEndpoints":         handle(describeEndpoints),
		"PutItem":                   handle(putItem),
		"GetItem":                   handle(getItem),
		"UpdateItem":                handle(updateItem),
		"DeleteItem":                handle(deleteItem),
		"Query":                     handle(query),
		"Scan":                      handle(scan),
		"BatchGetItem":              handle(batchGetItem),
		"BatchWriteItem":            handle(batchWriteItem),
	}
}

// Operations returns the names of all operations, in order.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }

// unimplemented are the operations AWS has and the local AWS lacks, so that a
// client can tell them from a typing error.
var unimplemented = set(
	"BatchExecuteStatement", "CreateBackup", "CreateGlobalTable", "DeleteBackup", "DeleteResourcePolicy", "DescribeBackup",
	"DescribeContributorInsights", "DescribeExport", "DescribeGlobalTable", "DescribeGlobalTableSettings", "DescribeImport",
	"DescribeKinesisStreamingDestination", "DescribeTableReplicaAutoScaling", "DisableKinesisStreamingDestination",
	"EnableKinesisStreamingDestination", "ExecuteStatement", "ExecuteTransaction", "ExportTableToPointInTime", "GetResourcePolicy",
	"ImportTable", "ListBackups", "ListContributorInsights", "ListExports", "ListGlobalTables", "ListImports", "PutResourcePolicy",
	"RestoreTableFromBackup", "RestoreTableToPointInTime", "TransactGetItems", "TransactWriteItems", "UpdateContributorInsights",
	"UpdateGlobalTable", "UpdateGlobalTableSettings", "UpdateKinesisStreamingDestination", "UpdateTableReplicaAutoScaling",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
