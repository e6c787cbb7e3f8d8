// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/commentsapi/operator/cmd/commentsctl/local"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// parseNature returns the options that flags lead to.
func parseNature(t *testing.T, args ...string) (o local.Options, err error) {
	t.Helper()
	var n natureFlags
	f := pflag.NewFlagSet("local", pflag.ContinueOnError)
	n.register(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	err = n.apply(&o)
	return o, err
}

func TestNatureFlagsReachTheLocalAWS(t *testing.T) {
	o, err := parseNature(t, "--aws-latency", "apigateway=80ms", "--aws-lag", "iam=5s", "--aws-delay", "tableCreate=8s,roleAssumable=10s",
		"--aws-quotas", "2", "--aws-strict-concurrency", "--aws-fault", `{"operation":"CreateRestApi","action":"DropAfter"}`)
	if err != nil {
		t.Fatal(err)
	}
	want := core.Nature{
		Latency:           map[string]core.Duration{"apigateway": core.Duration(80 * time.Millisecond)},
		Lag:               map[string]core.Duration{"iam": core.Duration(5 * time.Second)},
		Delays:            core.Delays{TableCreate: core.Duration(8 * time.Second), RoleAssumable: core.Duration(10 * time.Second)},
		Quotas:            core.Quotas{Enabled: true, Scale: 2},
		StrictConcurrency: true,
	}
	if diff := cmp.Diff(want, o.Nature); diff != "" {
		t.Errorf("nature (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]control.Fault{{Operation: "CreateRestApi", Action: control.DropAfter}}, o.Faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestWrongNatureFlagsAreNamed(t *testing.T) {
	for _, args := range [][]string{
		{"--aws-latency", "iam=soon"},
		{"--aws-lag", "iam=-1s"},
		{"--aws-delay", "teaTime=1s"},
		{"--aws-delay", "tableCreate=x"},
		{"--aws-quotas", "-1"},
		{"--aws-fault", `{"operatoin":"x"}`},
	} {
		if _, err := parseNature(t, args...); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: error %v; want one that names the flag", args, err)
		}
	}
}
