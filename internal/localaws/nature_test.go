// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestFaultsDoWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		fault  control.Fault
		code   string // of the SDK error; empty: not an answer of AWS
		status int    // in the log
		effect bool
	}{
		{control.Fault{Action: control.Refuse}, "Throttling", 400, false},
		{control.Fault{Action: control.Refuse, Status: 403, Code: "AccessDenied", Message: "no"}, "AccessDenied", 403, false},
		{control.Fault{Action: control.FailBefore}, "ServiceFailure", 500, false},
		{control.Fault{Action: control.FailAfter, Status: 503}, "ServiceUnavailableException", 503, true},
		{control.Fault{Action: control.DropBefore}, "", 0, false},
		{control.Fault{Action: control.DropAfter}, "", 0, true},
		{control.Fault{Action: control.HangBefore}, "", 0, false},
		{control.Fault{Action: control.HangAfter}, "", 0, true},
		{control.Fault{Action: control.Malformed}, "", 200, true},
		{control.Fault{Action: control.Empty}, "", 200, true},
		{control.Fault{Action: control.Truncated}, "", 200, true},
	} {
		t.Run(string(c.fault.Action)+" "+c.fault.Code, func(t *testing.T) {
			s := start(t, Options{})
			f := c.fault
			f.Service, f.Operation, f.Resource = "iam", "Create*", "blog"
			added, err := controlClient(s).AddFault(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			create := func(ctx context.Context) error {
				out, err := iamClient(s).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("blog"), AssumeRolePolicyDocument: aws.String(trustAPIGateway)})
				if err == nil && out.Role == nil {
					return errors.New("the SDK takes an empty body for an answer without a role")
				}
				return err
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if strings.HasPrefix(string(f.Action), "Hang") {
				go func() {
					// The entry appears when the call hangs; then the client
					// gives up.
					for len(s.Requests(0).Requests) == 0 && ctx.Err() == nil {
						time.Sleep(time.Millisecond)
					}
					cancel()
				}()
			}
			err = create(ctx)
			var api smithy.APIError
			switch {
			case err == nil:
				t.Fatal("the call succeeded")
			case c.code != "":
				wantError(t, err, c.code, c.status)
			case errors.As(err, &api) && api.ErrorCode() != "UnknownError":
				t.Errorf("error = %v; want one that isn't an answer of AWS", err)
			}
			entry := s.Requests(0).Requests[0]
			if entry.Status != c.status || entry.Fault != added.ID || entry.Operation != "CreateRole" || entry.Resource != "blog" || !entry.Write {
				t.Errorf("log entry = %+v; want status %d and fault %s of CreateRole blog", entry, c.status, added.ID)
			}
			again := create(t.Context())
			if c.effect {
				wantError(t, again, "EntityAlreadyExists", 409)
			} else if again != nil {
				t.Errorf("the next call = %v; want success, as the fault had no effect and applies once", again)
			}
			left, err := controlClient(s).Faults(t.Context())
			if err != nil || len(left) != 1 || left[0].Seen != 2 || left[0].Applied != 1 {
				t.Errorf("faults = %+v, %v; want it seen twice and applied once", left, err)
			}
		})
	}
}

func TestFaultsMatchByOccurrence(t *testing.T) {
	s := start(t, Options{})
	if _, err := controlClient(s).AddFault(t.Context(), control.Fault{Operation: "GetRole", Nth: 2, Times: 2, Action: control.Refuse, RetryAfter: "7"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 5 {
		_, err := iamClient(s).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")})
		var api smithy.APIError
		if errors.As(err, &api) {
			got = append(got, api.ErrorCode())
		}
	}
	if want := "NoSuchEntity Throttling Throttling NoSuchEntity NoSuchEntity"; strings.Join(got, " ") != want {
		t.Errorf("errors = %v; want %s", got, want)
	}
	if err := controlClient(s).RemoveFault(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if left, err := controlClient(s).Faults(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("faults after removal = %v, %v; want none", left, err)
	}
}

func TestTheControlEndpointRefusesWhatWouldHaveNoEffect(t *testing.T) {
	s := start(t, Options{})
	c := controlClient(s)
	_, badAction := c.AddFault(t.Context(), control.Fault{Action: "Explode"})
	_, badService := c.AddFault(t.Context(), control.Fault{Action: control.Refuse, Service: "s3"})
	for want, err := range map[string]error{
		`action "Explode": use one of`:     badAction,
		`service "s3": use one of`:         badService,
		"lag.ec2: no such service":         c.SetNature(t.Context(), core.Nature{Lag: map[string]core.Duration{"ec2": 1}}),
		"latency.iam is -1ns":              c.SetNature(t.Context(), core.Nature{Latency: map[string]core.Duration{"iam": -1}}),
		"quotas.scale is -1":               c.SetNature(t.Context(), core.Nature{Quotas: core.Quotas{Scale: -1}}),
		`there is no fault with id "none"`: c.RemoveFault(t.Context(), "none"),
		"accountId \"1\"":                  c.PutKey(t.Context(), control.Key{AccessKey: "k", Secret: "s", AccountID: "1"}),
		"policy of access key local":       c.PutKey(t.Context(), control.Key{AccessKey: "local", Policy: "{"}),
		"accessKey is missing":             c.RemoveKey(t.Context(), ""),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v; want one with %q", err, want)
		}
	}
}

func TestNatureChangesWhileRunning(t *testing.T) {
	s := start(t, Options{})
	c := controlClient(s)
	want := core.Nature{Latency: map[string]core.Duration{"iam": core.Duration(50 * time.Millisecond)}, StrictConcurrency: true}
	if err := c.SetNature(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Nature(t.Context()); err != nil || !got.StrictConcurrency || got.Latency["iam"] != want.Latency["iam"] {
		t.Errorf("nature = %+v, %v; want %+v", got, err, want)
	}
	began := time.Now()
	if _, err := iamClient(s).ListRoles(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("a call took %s; want at least the latency of 50ms", took)
	}
}

func TestACallWhoseClientGaveUpHappensAllTheSame(t *testing.T) {
	s := start(t, Options{Nature: core.Nature{Latency: map[string]core.Duration{"iam": core.Duration(time.Hour)}}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := iamClient(s).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trustAPIGateway)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error = %v; want the client's deadline", err)
	}
	for len(s.Requests(0).Requests) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Env().SetNature(core.Nature{})
	if _, err := iamClient(s).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")}); err != nil {
		t.Errorf("the role: %v; want it there, since a lost answer isn't a lost call", err)
	}
}

func TestTheRequestLogIsOrderedAndBounded(t *testing.T) {
	s := start(t, Options{})
	c := controlClient(s)
	mustRole(t, iamClient(s), iam.CreateRoleInput{RoleName: aws.String("r")})
	if _, err := iamClient(s).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("none")}); err == nil {
		t.Fatal("GetRole of a role that isn't there succeeded")
	}
	log, err := c.Requests(t.Context(), 0)
	if err != nil || len(log.Requests) != 2 || log.Last != 2 {
		t.Fatalf("log = %+v, %v; want two entries", log, err)
	}
	e := log.Requests[1]
	if e.Seq != 2 || e.Service != "iam" || e.Operation != "GetRole" || e.Resource != "none" || e.AccountID != "123456789012" ||
		e.Region != "eu-west-1" || e.Status != 404 || e.ErrorCode != "NoSuchEntity" || e.Write || e.Principal != "arn:aws:iam::123456789012:user/local" {
		t.Errorf("entry = %+v; want the refused GetRole", e)
	}
	if newer, err := c.Requests(t.Context(), 1); err != nil || len(newer.Requests) != 1 {
		t.Errorf("log since 1 = %+v, %v; want one entry", newer, err)
	}
	if err := c.ResetRequests(t.Context()); err != nil {
		t.Fatal(err)
	}
	if empty, err := c.Requests(t.Context(), 0); err != nil || len(empty.Requests) != 0 || empty.Last != 2 || empty.Dropped != 0 {
		t.Errorf("log after reset = %+v, %v; want it empty, its numbers going on", empty, err)
	}

	var l requestLog
	for range logKept + 10 {
		l.add(control.Request{})
	}
	got := l.since(5)
	if got.Dropped != 5 || len(got.Requests) != logKept || got.Requests[0].Seq != 11 || got.Requests[logKept-1].Seq != logKept+10 {
		t.Errorf("full log since 5: dropped %d, %d entries; want 5 dropped and the newest %d in order", got.Dropped, len(got.Requests), logKept)
	}
}

func TestA1_QuotasRefuseAndSayWhenToComeAgain(t *testing.T) {
	var limits throttle
	on := core.Quotas{Enabled: true}
	now := time.Unix(1_790_000_000, 0)
	admit := func(q core.Quotas, scope, op string) string {
		retry, ok := limits.admit(q, now, scope, "apigateway", op)
		if ok {
			return "ok"
		}
		return retry
	}
	steps := []struct {
		after time.Duration
		scope string
		op    string
		want  string
	}{
		{0, "a", "DeleteRestApi", "ok"},
		{0, "a", "DeleteRestApi", "30"},
		{0, "b", "DeleteRestApi", "ok"}, // another account
		{10 * time.Second, "a", "DeleteRestApi", "20"},
		{20 * time.Second, "a", "DeleteRestApi", "ok"}, // refused calls cost nothing
		{0, "a", "CreateRestApi", "ok"},
		{0, "a", "CreateRestApi", "3"},
		{0, "a", "CreateRestApi:edge", "ok"},
		{3 * time.Second, "a", "CreateRestApi:edge", "27"},
		{0, "a", "CreateDeployment", "ok"},
		{4 * time.Second, "a", "CreateDeployment", "1"},
	}
	for i, x := range steps {
		now = now.Add(x.after)
		if got := admit(on, x.scope, x.op); got != x.want {
			t.Errorf("step %d, %s of account %s: %s; want %s", i, x.op, x.scope, got, x.want)
		}
	}
	now = now.Add(time.Minute)
	for i := range 41 {
		want := "ok"
		if i == 40 {
			want = "1"
		}
		if got := admit(on, "a", "GetRestApi"); got != want {
			t.Errorf("call %d of a burst: %s; want %s (40 at once, 10 a second)", i+1, got, want)
		}
	}
	fast := core.Quotas{Enabled: true, Scale: 100}
	if got := admit(fast, "a", "DeleteRestApi"); got != "ok" {
		t.Errorf("after the scale changed: %s; want ok", got)
	}
	now = now.Add(300 * time.Millisecond)
	if got := admit(fast, "a", "DeleteRestApi"); got != "ok" {
		t.Errorf("0.3 s later at a scale of 100: %s; want ok", got)
	}
	if got := admit(core.Quotas{}, "a", "DeleteRestApi"); got != "ok" {
		t.Errorf("with quotas off: %s; want ok", got)
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "nonsense"} {
		if _, err := New(Options{Address: address}); err == nil {
			t.Errorf("New accepts the address %q", address)
		}
	}
}

func TestCloseEndsHangingCallsAndTheContextEndsTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := controlClient(s).AddFault(ctx, control.Fault{Action: control.HangBefore}); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	client := iamClient(s)
	go func() {
		_, err := client.ListRoles(context.WithoutCancel(ctx), nil)
		failed <- err
	}()
	for len(s.Requests(0).Requests) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel() // ends the server, and with it the call
	if err := <-failed; err == nil {
		t.Error("the hanging call succeeded")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Start(t.Context()); err == nil {
		t.Error("a closed server starts again")
	}
}
