// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"fmt"
	"net/http"

	"github.com/commentsapi/operator/internal/localaws/apigateway"
	"github.com/commentsapi/operator/internal/localaws/apigateway/dataplane"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// wire makes the services and introduces them to each other.
func (s *Server) wire() {
	s.iam = iam.New(s.env)
	s.sts = sts.New(s.keys, s.iam)
	tables := dynamodb.New(s.env)
	apis := apigateway.New(s.env)
	plane := dataplane.New(dataplane.Deps{
		Env: s.env, Registry: apis, DynamoDB: integrations{tables, &s.faults}, Roles: s.iam, Keys: apis, Signatures: signatures{s},
		AccessLog: s.options.AccessLog,
	})
	apis.SetTester(plane)
	s.invoker = plane
	s.services = map[string]service{
		svcIAM:        {s.iam, iam.Operation, s.iam.Snapshot},
		svcSTS:        {s.sts, sts.Operation, nil},
		svcDynamoDB:   {tables, dynamodb.Operation, tables.Snapshot},
		svcAPIGateway: {apis, apis.Operation, apis.Snapshot},
	}
}

// signatures checks requests to methods with AWS_IAM authorization.
type signatures struct{ server *Server }

// Verify implements dataplane.Signatures.
func (v signatures) Verify(r *http.Request, body []byte, service, region string) (core.Caller, error) {
	t := route(r, nil)
	t.protocol = restJSON
	caller, failed := v.server.authenticate(r, body, t)
	if failed == nil {
		if t.service != service || caller.Region != region {
			return core.Caller{}, fmt.Errorf("%w: it is scoped to %s in %s, not to %s in %s",
				dataplane.ErrBadSignature, t.service, caller.Region, service, region)
		}
		return caller, nil
	}
	reason := dataplane.ErrBadSignature
	switch failed.kind {
	case unsigned:
		reason = dataplane.ErrUnsigned
	case unknownKey, badToken:
		reason = dataplane.ErrUnknownKey
	case expiredSignature, expiredToken:
		reason = dataplane.ErrExpired
	}
	return core.Caller{}, fmt.Errorf("%w: %w", reason, failed)
}
