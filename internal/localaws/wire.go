// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// wire makes the services and introduces them to each other.
func (s *Server) wire() {
	s.iam = iam.New(s.env)
	s.sts = sts.New(s.keys, s.iam)
	s.services = map[string]service{
		svcIAM: {s.iam, iam.Operation, s.iam.Snapshot},
		svcSTS: {s.sts, sts.Operation, nil},
	}
}
