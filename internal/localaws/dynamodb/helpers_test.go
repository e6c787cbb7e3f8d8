// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
)

const tableARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/comments"

var local = core.Caller{AccountID: "123456789012", Region: "eu-west-1", Partition: "aws", ARN: "arn:aws:iam::123456789012:user/local"}

// world is a service with a clock that tests move, and a real SDK client.
type world struct {
	*sdk.Client
	t       *testing.T
	env     *core.Env
	clock   *core.FakeClock
	service *dynamodb.Service
}

func newWorld(t *testing.T, nature core.Nature) *world {
	t.Helper()
	clock := core.NewFakeClock(time.Unix(1_700_000_000, 0))
	env := core.NewEnv(clock, nature)
	service := dynamodb.New(env)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(w, r.WithContext(core.WithCaller(r.Context(), local)))
	}))
	t.Cleanup(server.Close)
	client := sdk.New(sdk.Options{
		Region: local.Region, BaseEndpoint: aws.String(server.URL),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
	return &world{Client: client, t: t, env: env, clock: clock, service: service}
}

// call performs a raw request and returns the status and the decoded body.
func (w *world) call(caller core.Caller, op, body string) (int, map[string]any) {
	w.t.Helper()
	status, out := w.service.Call(context.Background(), caller, op, []byte(body))
	var m map[string]any
	if len(out) == 0 {
		return status, nil
	}
	if err := json.Unmarshal(out, &m); err != nil {
		w.t.Fatalf("%s answered %d with a body that is no JSON object: %s", op, status, out)
	}
	return status, m
}

// ok performs a raw request that must succeed.
func (w *world) ok(op, body string) map[string]any {
	w.t.Helper()
	status, m := w.call(local, op, body)
	if status != 200 {
		w.t.Fatalf("%s %s = %d %v; want 200", op, body, status, m)
	}
	return m
}

// fails performs a raw request that must fail with the error code and a
// message that contains text.
func (w *world) fails(op, body, code, text string) {
	w.t.Helper()
	status, m := w.call(local, op, body)
	kind, _ := m["__type"].(string)
	message, _ := m["message"].(string)
	if message == "" {
		message, _ = m["Message"].(string)
	}
	if status != 400 || !strings.HasSuffix(kind, "#"+code) || !strings.Contains(message, text) {
		w.t.Errorf("%s %s\n got %d %s: %s\nwant 400 %s: %s", op, body, status, kind, message, code, text)
	}
}

// commentsTable is the table the operator makes.
const commentsTable = `{"TableName":"comments","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"commentId","AttributeType":"S"},{"AttributeName":"pageId","AttributeType":"S"},{"AttributeName":"createdAt","AttributeType":"N"}],
	"KeySchema":[{"AttributeName":"commentId","KeyType":"HASH"}],
	"GlobalSecondaryIndexes":[{"IndexName":"pageId-index",
		"KeySchema":[{"AttributeName":"pageId","KeyType":"HASH"},{"AttributeName":"createdAt","KeyType":"RANGE"}],
		"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["userName","message","parentId"]}}]}`

func (w *world) status(name string) (table types.TableStatus, index types.IndexStatus) {
	w.t.Helper()
	out, err := w.DescribeTable(context.Background(), &sdk.DescribeTableInput{TableName: &name})
	if err != nil {
		return "", ""
	}
	if len(out.Table.GlobalSecondaryIndexes) > 0 {
		index = out.Table.GlobalSecondaryIndexes[0].IndexStatus
	}
	return out.Table.TableStatus, index
}

func (w *world) wantCode(err error, code, text string) {
	w.t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		w.t.Errorf("error = %v; want code %s with %q", err, code, text)
	}
}

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
