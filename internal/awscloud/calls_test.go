// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

type recorder struct {
	mu    sync.Mutex
	calls []Call
}

func (r *recorder) record(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

func (r *recorder) list(service string) []string {
	var out []string
	for _, c := range r.calls {
		if c.Service == service {
			out = append(out, c.Operation+" "+c.Code)
		}
	}
	return out
}

// TestEveryAttemptIsCounted: what AWS counts is attempts, not operations.
func TestEveryAttemptIsCounted(t *testing.T) {
	fake := newFakeAWS(t)
	registry := prometheus.NewRegistry()
	var seen recorder
	account := fake.account(t, func(c *Config) { c.Metrics, c.OnCall = registry, seen.record })
	fake.on("DescribeTable", jsonError(500, "InternalServerError", ""), answer{act: cut}, answer{status: 200, body: `{"Table":{}}`})
	if err := describeTable.call(WithPriority(WithKey(t.Context(), "uid-1"), User), account); err != nil {
		t.Fatal(err)
	}
	want := []string{"DescribeTable InternalServerError", "DescribeTable Connection", "DescribeTable OK"}
	if diff := cmp.Diff(want, seen.list("DynamoDB")); diff != "" {
		t.Error(diff)
	}
	last := seen.calls[len(seen.calls)-1]
	if last.Attempt != 3 || last.Key != "uid-1" || last.Priority != User || last.Region != testRegion || last.AccountID != testAccount {
		t.Errorf("the call is told as %+v", last)
	}
	wantSeries := map[string]float64{
		"code=Connection operation=DescribeTable service=DynamoDB":          1,
		"code=InternalServerError operation=DescribeTable service=DynamoDB": 1,
		"code=OK operation=DescribeTable service=DynamoDB":                  1,
		"code=OK operation=GetCallerIdentity service=STS":                   1,
	}
	if diff := cmp.Diff(wantSeries, series(t, registry, "commentsapi_aws_calls_total")); diff != "" {
		t.Error(diff)
	}
	wantDurations := map[string]float64{"operation=DescribeTable service=DynamoDB": 3, "operation=GetCallerIdentity service=STS": 1}
	if diff := cmp.Diff(wantDurations, series(t, registry, "commentsapi_aws_call_duration_seconds")); diff != "" {
		t.Error(diff)
	}
}

// series lists a metric's values by labels; for histograms, how many samples.
func series(t *testing.T, g prometheus.Gatherer, name string) map[string]float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			value := m.GetCounter().GetValue()
			if h := m.GetHistogram(); h != nil {
				value = float64(h.GetSampleCount())
			}
			out[strings.Join(labels, " ")] = value
		}
	}
	return out
}

func TestNoRetryMeansOneCall(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, nil)
	fake.on(createRestAPI.on, restError(503, "ServiceUnavailableException", "down"))
	fake.on(putRestAPI.on, restError(503, "ServiceUnavailableException", "down"))
	for _, c := range []struct {
		do   wireCall
		want int
	}{{createRestAPI, 1}, {putRestAPI, maxAttempts}} {
		if err := c.do.call(t.Context(), account); err == nil {
			t.Fatal("no failure")
		}
		if n := fake.count(c.do.on); n != c.want {
			t.Errorf("%s went out %d times, want %d", c.do.on, n, c.want)
		}
	}
}

func TestBackoffIsShortAndSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for attempt := range 100 {
		d, err := backoff(attempt, nil)
		if err != nil || d <= 0 || d > maxBackoff {
			t.Errorf("attempt %d: %s, %v", attempt, d, err)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different waits of 100: callers that fail together come back together", len(seen))
	}
}

// TestPacedCallIsNotSent: the SDK's retries do not try it either, and the
// failure says when to come back.
func TestPacedCallIsNotSent(t *testing.T) {
	fake := newFakeAWS(t)
	registry := prometheus.NewRegistry()
	account := fake.account(t, func(c *Config) { c.Quotas, c.Metrics = nil, registry })
	fake.on(createRestAPI.on, answer{status: 201, body: `{"id":"abc123"}`})
	ctx := WithPriority(WithKey(t.Context(), "a"), User)
	if err := createRestAPI.call(ctx, account); err != nil {
		t.Fatal(err)
	}
	f := Classify(createRestAPI.call(ctx, account))
	if f == nil || f.Class != Paced || f.MaybeApplied() {
		t.Fatalf("got %+v", f)
	}
	if f.RetryAfter < time.Second || f.RetryAfter > 3*time.Second-lead+flightCap {
		t.Errorf("retry after %s", f.RetryAfter)
	}
	want := "API Gateway CreateRestApi of REST API default/blog in eu-west-1 waits for its turn within AWS's request quota of 1 CreateRestApi in 3s per account."
	if diff := cmp.Diff(want, f.Message); diff != "" {
		t.Error(diff)
	}
	if n := fake.count(createRestAPI.on); n != 1 {
		t.Errorf("%d calls went out", n)
	}
	waits := series(t, registry, "commentsapi_aws_pacer_wait_seconds")
	if diff := cmp.Diff(map[string]float64{"operation=CreateRestApi priority=user": 2}, waits); diff != "" {
		t.Error(diff)
	}
}

// TestCallGivenUpBeforeSending: whoever gives up while waiting for the quota
// knows that nothing happened.
func TestCallGivenUpBeforeSending(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, func(c *Config) { c.Quotas = nil })
	fake.on(putRestAPI.on, answer{status: 200, body: `{"id":"abc123"}`})
	if err := putRestAPI.call(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	f := Classify(putRestAPI.call(ctx, account))
	if f == nil || f.Class != Transient || f.MaybeApplied() {
		t.Errorf("got %+v", f)
	}
	if n := fake.count(putRestAPI.on); n != 1 {
		t.Errorf("%d calls went out", n)
	}
}

// TestRefusalHoldsBackTheRetry: after a 429 the SDK would try again within a
// second; the pacer does not let it before AWS's own time.
func TestRefusalHoldsBackTheRetry(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, func(c *Config) { c.Quotas = nil })
	fake.on(putRestAPI.on, restError(429, "TooManyRequestsException", "Too Many Requests", "Retry-After", "20"))
	f := Classify(putRestAPI.call(WithKey(t.Context(), "a"), account))
	if f.Class != Paced || f.RetryAfter < 17*time.Second || f.RetryAfter > 20*time.Second {
		t.Errorf("class %s, retry after %s", f.Class, f.RetryAfter)
	}
	if n := fake.count(putRestAPI.on); n != 1 {
		t.Errorf("%d calls went out", n)
	}
}

// TestPacerIsSharedByTargetsOfOneAccount: the quota is the account's, however
// many roles lead there.
func TestPacerIsSharedByTargetsOfOneAccount(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on("AssumeRole", assumedRole("ASIAROLE"))
	fake.on(createRestAPI.on, answer{status: 201, body: `{"id":"abc123"}`})
	f := NewFactory(Config{BaseConfig: fake.base("AKIATEST")})
	own, err := f.Account(t.Context(), Target{Region: testRegion})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := f.Account(t.Context(), Target{Region: testRegion, RoleARN: "arn:aws:iam::123456789012:role/tenant"})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := f.Account(t.Context(), Target{Region: "eu-north-1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := createRestAPI.call(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	var paced *PacedError
	if err := createRestAPI.call(t.Context(), tenant); !errors.As(err, &paced) {
		t.Errorf("the role's call in the same account: %v", err)
	}
	if err := createRestAPI.call(t.Context(), elsewhere); err != nil {
		t.Errorf("another region: %v", err)
	}
}

// TestSecondFactoryMetersToo: two factories in one process share a registry.
func TestSecondFactoryMetersToo(t *testing.T) {
	registry := prometheus.NewRegistry()
	for range 2 {
		newFakeAWS(t).account(t, func(c *Config) { c.Metrics = registry })
	}
	want := map[string]float64{"code=OK operation=GetCallerIdentity service=STS": 2}
	if diff := cmp.Diff(want, series(t, registry, "commentsapi_aws_calls_total")); diff != "" {
		t.Error(diff)
	}
}

func TestCodesDoNotMultiply(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	for i := range 500 {
		m.called(Call{Service: "DynamoDB", Operation: "DescribeTable", Code: "Code" + strings.Repeat("x", i%60) + strings.Repeat("y", i/60)})
	}
	if n := len(series(t, registry, "commentsapi_aws_calls_total")); n > maxCodes+1 {
		t.Errorf("%d series", n)
	}
	if got := m.label("no spaces here"); got != "Other" {
		t.Errorf("label %q", got)
	}
}

func TestEdgeAPIsHaveTheirOwnQuota(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, func(c *Config) { c.Quotas = nil })
	fake.on(createRestAPI.on, answer{status: 201, body: `{"id":"abc123"}`})
	if err := createEdgeAPI.call(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	f := Classify(createEdgeAPI.call(t.Context(), account))
	if f == nil || f.Class != Paced || f.RetryAfter < 25*time.Second {
		t.Errorf("got %+v", f)
	}
	if err := createRestAPI.call(t.Context(), account); err != nil {
		t.Errorf("a regional API after an edge API: %v", err)
	}
}

// TestNothingGoesOutWithoutAPermit: an operator that no longer leads is held
// back right before the wire, also in the middle of its tries.
func TestNothingGoesOutWithoutAPermit(t *testing.T) {
	fake := newFakeAWS(t)
	over := errors.New("the lease is over")
	asked := 0
	account := fake.account(t, func(c *Config) {
		c.Permit = func() error {
			if asked++; asked > 2 { // the account's identity, and one try
				return over
			}
			return nil
		}
	})
	fake.on("DescribeTable", jsonError(500, "InternalServerError", ""), answer{status: 200, body: `{"Table":{}}`})
	if err := describeTable.call(t.Context(), account); !errors.Is(err, over) {
		t.Errorf("the call ends with %v; want %v", err, over)
	}
	if n := fake.count("DescribeTable"); n != 1 {
		t.Errorf("%d tries went out; want 1", n)
	}
}
