// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"errors"
	"net/http"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// crash ends an operator: it unwinds the reconcile, and everything the
// operator had in memory is dropped.
type crash struct{}

const (
	// storm is how long a fault of that kind goes on after its site.
	storm = 40 * time.Second
	// outage is how long a cluster may take no writes: longer than anything the
	// operator waits for before it takes its own writes for lost or done.
	outage = 10 * time.Minute
)

// fault is one way for a call to go wrong.
type fault struct {
	name string
	// fits says at which calls it makes sense.
	fits func(site) bool
	// meet stands in for the call.
	meet func(*world, call) (*http.Response, error)
	// lasts is how long a fault goes on befalling calls of the same kind; zero
	// befalls one call.
	lasts time.Duration
	// traits excuse a run from what can't be promised under this fault.
	traits trait
}

// trait is what a fault does to the world beside failing a call.
type trait uint

const (
	// stale reads show the past.
	stale trait = 1 << iota
	// skewed clocks disagree with AWS's.
	skewed
	// userDeletes the object in the middle.
	userDeletes
	// userEdits the object in the middle.
	userEdits
	// recreated objects have the name of another one that was worked on.
	recreated
	// rivalled operators are two at a time.
	rivalled
	// late operators go on with a call after another one took over and time
	// has passed: what they do then nobody can hold back.
	late
)

func isAWS(s site) bool       { return !s.kubernetes() }
func isAWSRead(s site) bool   { return isAWS(s) && s.read() }
func isKubeWrite(s site) bool { return s.kubernetes() && !s.read() }
func isKubeRead(s site) bool  { return s.Op == "k8s.GetCommentsAPI" }
func isAWSWrite(s site) bool  { return isAWS(s) && !s.read() }
func isWrite(s site) bool     { return !s.read() }
func isAny(site) bool         { return true }
func isTurn(s site) bool      { return s.kubernetes() || isAWSWrite(s) }
func isList(s site) bool {
	return s.Op == "apigateway.GetRestApis" || s.Op == "apigateway.GetApiKeys" || s.Op == "apigateway.GetUsagePlans"
}

// before answers instead of performing; after performs and then answers.
func before(reply func(*world, call) (*http.Response, error)) func(*world, call) (*http.Response, error) {
	return reply
}

func after(reply func(*world, call) (*http.Response, error)) func(*world, call) (*http.Response, error) {
	return func(w *world, c call) (*http.Response, error) {
		if _, err := w.perform(c); err != nil {
			return nil, err
		}
		return reply(w, c)
	}
}

// assumeRole is the call that the SDK makes in a goroutine of its own.
const assumeRole = "sts.AssumeRole"

// crashes ends the operator at the call. A crash can't unwind another
// goroutine, so where the call is made in one, it dies with what it does next.
func crashes(w *world, c call) (*http.Response, error) {
	if c.site.Op == assumeRole {
		w.op.doomed = true
		return nil, context.Canceled
	}
	panic(crash{})
}

func hangsUp(*world, call) (*http.Response, error) { return nil, hungUp() }

func hangs(_ *world, c call) (*http.Response, error) {
	<-c.aws.Context().Done()
	return nil, c.aws.Context().Err()
}

// says answers with a service's own status and code: API Gateway's, DynamoDB's
// and IAM's (aws-facts A4, H6, G3).
func says(gateway, tables, roles reply) func(*world, call) (*http.Response, error) {
	return func(_ *world, c call) (*http.Response, error) {
		r := gateway
		switch awsmiddleware.GetServiceID(c.aws.Context()) {
		case "DynamoDB":
			r = tables
		case "IAM", "STS":
			r = roles
		}
		return answer(c.aws, r.status, r.code, r.message, r.retryAfter), nil
	}
}

type reply struct {
	status                    int
	code, message, retryAfter string
}

var (
	throttled = says(
		reply{429, "TooManyRequestsException", "Too Many Requests", "7"},
		reply{400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.", ""},
		reply{400, "Throttling", "Rate exceeded", ""})
	limited = says(
		reply{429, "LimitExceededException", "Maximum number of Regional REST APIs reached", "60"},
		reply{400, "LimitExceededException", "Subscriber limit exceeded: too many tables", ""},
		reply{409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", ""})
	broken = says(
		reply{500, "InternalServerErrorException", "Internal server error", ""},
		reply{500, "InternalServerError", "Internal server error", ""},
		reply{500, "ServiceFailure", "Internal server error", ""})
	unavailable = says(
		reply{503, "ServiceUnavailableException", "Service unavailable", "3"},
		reply{503, "ServiceUnavailable", "Service unavailable", ""},
		reply{503, "ServiceUnavailable", "Service unavailable", ""})
	denied = says(
		reply{403, "AccessDeniedException", "User is not authorized to perform this action", ""},
		reply{400, "AccessDeniedException", "User is not authorized to perform this action", ""},
		reply{403, "AccessDenied", "User is not authorized to perform this action", ""})
	refusedKey = says(
		reply{403, "ExpiredTokenException", "The security token included in the request is expired", ""},
		reply{400, "ExpiredTokenException", "The security token included in the request is expired", ""},
		reply{403, "ExpiredToken", "The security token included in the request is expired", ""})
	busy = says(
		reply{409, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later.", ""},
		reply{400, "ResourceInUseException", "Attempt to change a resource which is still in use", ""},
		reply{409, "ConcurrentModification", "The request was rejected because multiple requests to change this object were submitted simultaneously.", ""})
)

// spoilt changes what AWS answers after the effect.
func spoilt(change func([]byte) []byte) func(*world, call) (*http.Response, error) {
	return func(w *world, c call) (*http.Response, error) {
		resp, err := w.perform(c)
		if err != nil {
			return nil, err
		}
		return answerLike(resp, change(readBody(resp))), nil
	}
}

// kube fails a call to Kubernetes.
func kube(err func() error) func(*world, call) (*http.Response, error) {
	return func(*world, call) (*http.Response, error) { return nil, err() }
}

var commentsAPIs = schema.GroupResource{Group: "commentsapi.io", Resource: "commentsapis"}

func conflict() error {
	return apierrors.NewConflict(commentsAPIs, objectName, errors.New("the object has been modified"))
}

func internalError() error {
	return apierrors.NewInternalError(errors.New("etcdserver: request timed out"))
}

func serverTimeout() error { return apierrors.NewTimeoutError("the request timed out", 1) }

// faults is the matrix's other side. What would only repeat a case is left out:
// a read has no effect, so a fault after the effect is the one before it there;
// it touches neither the object nor a clock, so a user or a clock that comes in
// between does so at the next call that does; and of the failures that the SDK
// tries again at once, 500 stands for all of them.
var faults = []fault{
	{name: "crash-before", fits: isAny, meet: before(crashes)},
	{name: "crash-after", fits: isWrite, meet: after(crashes)},
	{name: "reset", fits: isAWSWrite, meet: before(hangsUp)},
	{name: "reset-storm", fits: isAWS, meet: before(hangsUp), lasts: storm},
	{name: "lost", fits: isAWSWrite, meet: after(hangsUp)},
	{name: "lost-storm", fits: isAWSWrite, meet: after(hangsUp), lasts: storm},
	{name: "timeout", fits: isAWS, meet: before(hangs)},
	{name: "timeout-after", fits: isAWSWrite, meet: after(hangs)},
	{name: "429", fits: isAWS, meet: before(throttled)},
	{name: "429-storm", fits: isAWS, meet: before(throttled), lasts: storm},
	{name: "limit", fits: isAWS, meet: before(limited)},
	{name: "500", fits: isAWS, meet: before(broken)},
	{name: "500-after", fits: isAWSWrite, meet: after(broken)},
	{name: "500-storm-after", fits: isAWSWrite, meet: after(broken), lasts: storm},
	{name: "503", fits: isAWSWrite, meet: before(unavailable)},
	{name: "503-after", fits: isAWSWrite, meet: after(unavailable)},
	{name: "503-storm", fits: isAWS, meet: before(unavailable), lasts: storm},
	{name: "denied", fits: isAWS, meet: before(denied)},
	{name: "denied-storm", fits: isAWS, meet: before(denied), lasts: storm},
	{name: "expired", fits: isAWS, meet: before(refusedKey)},
	{name: "busy", fits: isAWS, meet: before(busy)},
	{name: "malformed", fits: isAWS, meet: spoilt(func([]byte) []byte { return []byte("<{neither JSON nor XML") })},
	{name: "empty", fits: isAWS, meet: spoilt(func([]byte) []byte { return nil })},
	{name: "truncated", fits: isAWS, meet: spoilt(func(b []byte) []byte { return b[:len(b)/2] })},
	{name: "page-missing", fits: isList, traits: stale, meet: (*world).missPages},
	{name: "stale", fits: isAWSRead, traits: stale, meet: (*world).staleRead},
	{name: "stale-storm", fits: isAWSRead, traits: stale, meet: (*world).staleReads},
	{name: "role-slow", fits: func(s site) bool { return s.Op == "iam.CreateRole" || s.Op == "iam.PutRolePolicy" }, meet: (*world).slowRole},

	{name: "k8s-conflict", fits: isKubeWrite, meet: before(kube(conflict))},
	{name: "k8s-500", fits: site.kubernetes, meet: before(kube(internalError))},
	{name: "k8s-lost", fits: isKubeWrite, meet: after(kube(serverTimeout))},
	{name: "k8s-lost-storm", fits: isKubeWrite, meet: after(kube(serverTimeout)), lasts: storm},
	{name: "k8s-down", fits: isKubeWrite, meet: before(kube(internalError)), lasts: storm},
	{name: "k8s-down-long", fits: isKubeWrite, meet: before(kube(internalError)), lasts: outage},
	{name: "k8s-stale", fits: isKubeRead, traits: stale, meet: (*world).staleObject},
	{name: "k8s-stale-storm", fits: isKubeRead, traits: stale, meet: (*world).staleObjects},

	{name: "clock-jump", fits: isAny, meet: (*world).jump},
	{name: "clock-ahead", fits: isTurn, traits: skewed, meet: skew(time.Hour)},
	{name: "clock-behind", fits: isTurn, traits: skewed, meet: skew(-time.Hour)},
	{name: "user-deletes", fits: isTurn, traits: userDeletes, meet: (*world).deleteNow},
	{name: "user-recreates", fits: isTurn, traits: userDeletes | recreated, meet: (*world).recreateNow},
	{name: "rival", fits: isAny, traits: rivalled, meet: (*world).rivalLooks},
	{name: "rival-after", fits: isWrite, traits: rivalled, meet: (*world).rivalLooksAfter},
	{name: "rival-settles", fits: isAny, traits: rivalled | late, meet: (*world).rivalSettles},
	{name: "rival-lockstep", fits: isTurn, traits: rivalled, meet: (*world).lockstep},
	{name: "user-edits", fits: isTurn, traits: userEdits, meet: (*world).editNow},
}

func faultNamed(name string) (fault, bool) {
	for _, f := range faults {
		if f.name == name {
			return f, true
		}
	}
	return fault{}, false
}
