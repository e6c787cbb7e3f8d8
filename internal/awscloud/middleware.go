// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// link is what the middleware of one set of clients knows of its surroundings.
type link struct {
	factory *Factory
	region  string
	// entry hears of credentials that AWS no longer accepts; nil for the
	// calls that find out who the caller is.
	entry *entry
	// source says where the credentials come from.
	source string
	// account and principal are known once the caller is identified.
	account, principal string
	// pacers by service; nil: not paced.
	pacers map[string]*pacer
}

// callState follows one operation through its attempts.
type callState struct {
	input     any
	attempts  int
	ambiguous bool
}

type callStateKey struct{}

// install adds the three layers: around the whole operation, around each
// attempt before it is paced, and around each attempt on the wire.
func (l *link) install(stack *middleware.Stack) error {
	describe := middleware.InitializeMiddlewareFunc("CommentsAPICall", l.operation)
	if err := stack.Initialize.Add(describe, middleware.Before); err != nil {
		return err
	}
	// After "Retry", which is where each attempt passes (aws-facts J3).
	pace := middleware.FinalizeMiddlewareFunc("CommentsAPIPace", l.pace)
	if err := stack.Finalize.Insert(pace, "Retry", middleware.After); err != nil {
		return err
	}
	// Last of all, after signing: only what goes out is counted.
	wire := middleware.FinalizeMiddlewareFunc("CommentsAPIWire", l.wire)
	if err := stack.Finalize.Add(wire, middleware.After); err != nil {
		return err
	}
	empty := middleware.DeserializeMiddlewareFunc("CommentsAPIEmptyReply", emptyReply)
	if err := stack.Deserialize.Insert(empty, "OperationDeserializer", middleware.Before); err != nil {
		return err
	}
	count := middleware.DeserializeMiddlewareFunc("CommentsAPICountBody", countBody)
	return stack.Deserialize.Add(count, middleware.After)
}

func (l *link) operation(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	state := &callState{input: in.Parameters}
	ctx = middleware.WithStackValue(ctx, callStateKey{}, state)
	out, meta, err := next.HandleInitialize(ctx, in)
	if err == nil {
		return out, meta, nil
	}
	if l.entry != nil && inspect(err).class == Credentials {
		l.entry.stale.Store(true)
	}
	return out, meta, &callError{Err: err, callInfo: callInfo{
		Resource: resourceOf(in.Parameters), Region: l.region, Principal: l.principal, Source: l.source,
		ambiguous: state.ambiguous,
	}}
}

func (l *link) pace(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	pacer := l.pacers[awsmiddleware.GetServiceID(ctx)]
	state, ok := middleware.GetStackValue(ctx, callStateKey{}).(*callState)
	if pacer == nil || !ok {
		return next.HandleFinalize(ctx, in)
	}
	permit, err := pacer.acquire(ctx, bucketName(awsmiddleware.GetOperationName(ctx), state.input))
	if err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	out, meta, err := next.HandleFinalize(ctx, in)
	permit.done(throttleOf(err))
	return out, meta, err
}

// unrepeatable are the operations without an idempotency token whose effect
// can only be looked for afterwards (aws-facts A4). Once one is on its way, its
// answer is waited for even if the process is told to end.
var unrepeatable = map[string]bool{"CreateRestApi": true, "CreateApiKey": true, "CreateUsagePlan": true}

func (l *link) wire(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	if permit := l.factory.config.Permit; permit != nil {
		if err := permit(); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
	}
	if unrepeatable[awsmiddleware.GetOperationName(ctx)] {
		if err := ctx.Err(); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, fmt.Errorf("not sent: %w", err)
		}
		lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		ctx = lasting
	}
	start := time.Now()
	state, _ := middleware.GetStackValue(ctx, callStateKey{}).(*callState)
	if state != nil {
		state.attempts++
	}
	out, meta, err := next.HandleFinalize(ctx, in)
	call := Call{
		Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx),
		Region: l.region, AccountID: l.account, Key: keyOf(ctx), Priority: priorityOf(ctx),
		Start: start, Duration: time.Since(start), Err: err,
	}
	call.Code = codeOf(err)
	if state != nil {
		call.Attempt = state.attempts
		if err != nil && inspect(err).ambiguous {
			state.ambiguous = true
		}
	}
	l.factory.observe(call)
	return out, meta, err
}

// throttleOf is what the pacer learns from an attempt's outcome.
func throttleOf(err error) outcome {
	if err == nil {
		return outcome{}
	}
	var answer *smithyhttp.ResponseError
	e := inspect(err)
	return outcome{unanswered: !errors.As(err, &answer), throttled: e.class == Throttled, retryAfter: e.retryAfter}
}

// resourceFields are the members of inputs that name what a call is about, in
// order of preference, with the word for it.
var resourceFields = []struct{ field, word string }{
	{"TableName", "table "},
	{"RoleName", "role "},
	{"RestApiId", "REST API "},
	{"ResourceArn", ""},
	{"RoleArn", "role "},
}

func resourceOf(input any) string {
	if in, ok := input.(*apigateway.CreateRestApiInput); ok {
		return "REST API " + aws.ToString(in.Name)
	}
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, r := range resourceFields {
		field := v.FieldByName(r.field)
		if !field.IsValid() {
			continue
		}
		if s, ok := field.Interface().(*string); ok && aws.ToString(s) != "" {
			return r.word + *s
		}
	}
	return ""
}

// emptyReply turns a success without a body into an error where the
// operation's output has members: the SDK would hand out an empty struct.
func emptyReply(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	read := new(int64)
	out, meta, err := next.HandleDeserialize(middleware.WithStackValue(ctx, bodyKey{}, read), in)
	if err != nil || *read > 0 || out.Result == nil {
		return out, meta, err
	}
	if t := reflect.Indirect(reflect.ValueOf(out.Result)).Type(); t.Kind() == reflect.Struct && hasMembers(t) {
		return out, meta, errEmptyReply
	}
	return out, meta, nil
}

type bodyKey struct{}

// countBody counts for emptyReply what the SDK reads of the reply.
func countBody(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, meta, err := next.HandleDeserialize(ctx, in)
	read, ok := middleware.GetStackValue(ctx, bodyKey{}).(*int64)
	if response, isHTTP := out.RawResponse.(*smithyhttp.Response); ok && isHTTP && response.Body != nil {
		response.Body = &countedBody{ReadCloser: response.Body, read: read}
	}
	return out, meta, err
}

type countedBody struct {
	io.ReadCloser
	read *int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.read += int64(n)
	return n, err
}

func hasMembers(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			return true
		}
	}
	return false
}
