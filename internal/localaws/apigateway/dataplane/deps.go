// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// Registry is what the data plane needs of the control plane.
type Registry interface {
	// Deployed returns what a stage serves now; false when there is no such
	// API or stage. The snapshot is immutable, and the same pointer comes
	// back for as long as the stage serves the same deployment.
	Deployed(apiID, stage string) (*model.Snapshot, *model.Stage, bool)
}

// DynamoDB is the backend of AWS integrations.
type DynamoDB interface {
	// Call runs one operation as caller and returns the HTTP answer. The zero
	// caller stands for an unsigned request. A status of 0 means that the
	// connection broke before there was an answer.
	Call(ctx context.Context, caller core.Caller, op string, body []byte) (status int, respBody []byte)
}

// Keys finds API keys and the usage plans that cover them.
type Keys interface {
	// KeyFor returns the enabled key with this value and the usage plan that
	// admits it to the stage; false when there is no such pair.
	KeyFor(apiID, stage, value string) (*model.APIKey, *model.UsagePlan, bool)
}

// Signatures checks the signature of requests to methods with AWS_IAM
// authorization.
type Signatures interface {
	// Verify returns the caller that signed r for the service in the region.
	// It fails with one of the Err values of this package, possibly wrapped.
	// The request's body has been read into body.
	Verify(r *http.Request, body []byte, service, region string) (core.Caller, error)
}

// Reasons why a signature does not count.
var (
	// ErrUnsigned means that the request carries no signature.
	ErrUnsigned = errors.New("the request is not signed")
	// ErrBadSignature means that the signature does not match the request.
	ErrBadSignature = errors.New("the signature does not match the request")
	// ErrExpired means that the signature or its session token is too old.
	ErrExpired = errors.New("the signature or security token has expired")
	// ErrUnknownKey means that nobody has the access key.
	ErrUnknownKey = errors.New("the access key is unknown")
)

// Deps is what a Plane needs. Env, Registry, DynamoDB and Roles are required;
// what depends on another one that is missing answers 500 and says so in the
// execution log.
type Deps struct {
	Env      *core.Env
	Registry Registry
	DynamoDB DynamoDB
	Roles    core.Roles

	Keys       Keys
	Signatures Signatures

	// AccessLog receives one line per request to a stage with access log
	// settings (aws-facts D5); nil drops them. It must not block.
	AccessLog func(destinationARN, line string)
	// ExecutionLog receives the lines of each request's execution log; nil
	// drops them. It must not block.
	ExecutionLog func(apiID, stage, line string)
}
