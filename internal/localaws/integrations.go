// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"context"
	"encoding/json"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/dataplane"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// integrations is DynamoDB as deployed APIs reach it: the faults that are meant
// for their calls befall them on the way.
type integrations struct {
	dataplane.DynamoDB
	faults *faults
}

// Call passes a call on, as far as a fault lets it. The status of 0 says that
// the connection broke; a call that hangs ends with the context, which is the
// integration's timeout.
func (i integrations) Call(ctx context.Context, caller core.Caller, op string, body []byte) (int, []byte) {
	var about struct{ TableName string }
	_ = json.Unmarshal(body, &about) // what isn't JSON is refused by DynamoDB
	fault := i.faults.match(control.Request{Service: svcDynamoDB, Operation: op, Resource: about.TableName, Write: writes(svcDynamoDB, op),
		AccountID: caller.AccountID, Region: caller.Region, Integration: true})
	if fault == nil {
		return i.DynamoDB.Call(ctx, caller, op, body)
	}
	select {
	case <-time.After(fault.Delay.D()):
	case <-ctx.Done():
		return 0, nil
	}
	switch fault.Action {
	case control.Refuse, control.FailBefore:
		return refusalOf(fault, svcDynamoDB).dynamoDB()
	case control.DropBefore:
		return 0, nil
	case control.HangBefore:
		<-ctx.Done()
		return 0, nil
	}
	status, answer := i.DynamoDB.Call(ctx, caller, op, body)
	switch fault.Action {
	case control.FailAfter:
		return refusalOf(fault, svcDynamoDB).dynamoDB()
	case control.DropAfter:
		return 0, nil
	case control.HangAfter:
		<-ctx.Done()
		return 0, nil
	case control.Malformed:
		return status, []byte(malformed)
	case control.Empty:
		return status, nil
	case control.Truncated:
		return status, answer[:len(answer)/2]
	}
	return status, answer
}

// dynamoDB is the refusal as DynamoDB's status and body.
func (f *refusal) dynamoDB() (int, []byte) {
	b, err := json.Marshal(map[string]string{"__type": "com.amazon.coral.service#" + f.code, "message": f.message})
	if err != nil {
		return f.status, []byte(`{}`)
	}
	return f.status, b
}
