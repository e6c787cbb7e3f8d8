// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/commentsapi/operator/cmd/commentsctl/local"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// natureFlags make the local AWS as slow, late, strict and faulty as AWS can
// be. The same can be changed while it runs, below /_local/ of its endpoint.
type natureFlags struct {
	latency, lag, delays map[string]string
	quotas               float64
	strict               bool
	faults               []string
}

func (n *natureFlags) register(f *pflag.FlagSet) {
	f.StringToStringVar(&n.latency, "aws-latency", nil, "how long every call takes, per service, for example apigateway=80ms,iam=40ms (services: dynamodb, iam, sts, apigateway, execute-api)")
	f.StringToStringVar(&n.lag, "aws-lag", nil, "how long reads trail writes, per service, for example iam=5s (services: dynamodb, iam, apigateway)")
	f.StringToStringVar(&n.delays, "aws-delay", nil, "how long transitions take, for example tableCreate=8s,indexCreate=30s,roleAssumable=10s ("+strings.Join(delayNames(), ", ")+")")
	f.Float64Var(&n.quotas, "aws-quotas", 0, "enforce AWS's request quotas, multiplied by this; 1 is AWS's own, 0 enforces none")
	f.BoolVar(&n.strict, "aws-strict-concurrency", false, "refuse a second change of a REST API while one is in flight, as AWS does")
	f.StringArrayVar(&n.faults, "aws-fault", nil, `a fault as JSON, for example '{"operation":"CreateRestApi","action":"DropAfter"}'; repeatable`)
}

// delayNames are the transitions whose time can be set, as the control
// endpoint names them.
func delayNames() []string {
	var names []string
	all := core.Delays{TableCreate: 1, TableUpdate: 1, TableDelete: 1, IndexCreate: 1, IndexDelete: 1, BackupsAvailable: 1,
		IndexLag: 1, RoleAssumable: 1, StagePropagation: 1, CacheCluster: 1}
	b, err := json.Marshal(all)
	if err != nil {
		return nil
	}
	fields := map[string]any{}
	if json.Unmarshal(b, &fields) == nil {
		names = slices.Sorted(maps.Keys(fields))
	}
	return names
}

// apply puts what the flags say into the options.
func (n *natureFlags) apply(o *local.Options) error {
	var err error
	if o.Nature.Latency, err = durations("--aws-latency", n.latency); err != nil {
		return err
	}
	if o.Nature.Lag, err = durations("--aws-lag", n.lag); err != nil {
		return err
	}
	for name := range n.delays {
		if !slices.Contains(delayNames(), name) {
			return fmt.Errorf("--aws-delay %s: there is no such transition; use one of %s", name, strings.Join(delayNames(), ", "))
		}
	}
	if _, err := durations("--aws-delay", n.delays); err != nil {
		return err
	}
	delays, err := json.Marshal(n.delays)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(delays, &o.Nature.Delays); err != nil {
		return fmt.Errorf("--aws-delay: %w", err)
	}
	if n.quotas < 0 {
		return fmt.Errorf("--aws-quotas %g: use 0 for none, 1 for AWS's own, or another factor", n.quotas)
	}
	o.Nature.Quotas = core.Quotas{Enabled: n.quotas > 0, Scale: n.quotas}
	o.Nature.StrictConcurrency = n.strict
	for _, text := range n.faults {
		var fault control.Fault
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&fault); err != nil {
			return fmt.Errorf("--aws-fault %s: %w", text, err)
		}
		o.Faults = append(o.Faults, fault)
	}
	return nil
}

func durations(flag string, texts map[string]string) (map[string]core.Duration, error) {
	out := map[string]core.Duration{}
	for name, text := range texts {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("%s %s=%s: give a duration like 500ms or 10s", flag, name, text)
		}
		out[name] = core.Duration(d)
	}
	return out, nil
}
