// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/commentsapi/operator/hack/conformance/oracle"
)

// result is what an engine made of a case.
type result = oracle.Result

// runOracle renders the cases with Velocity.
func runOracle(ctx context.Context, classPath string, cases []testCase) (results []result, err error) {
	p, err := oracle.Start(ctx, classPath)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	lines := make([][]byte, len(cases))
	for i, c := range cases {
		if lines[i], err = c.encode(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return p.Run(lines)
}
