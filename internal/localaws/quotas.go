// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// quota is a documented request quota: calls per period, and how many may
// come at once.
type quota struct {
	calls int
	per   time.Duration
	burst int
}

func (q quota) limit(scale float64) rate.Limit {
	return rate.Limit(float64(q.calls) / q.per.Seconds() * scale)
}

const second = time.Second

// quotas is the table of aws-facts A1 for API Gateway and of H5 and H6 for
// DynamoDB's control plane; IAM publishes none (aws-facts G3). Keys are
// service/operation; service/* is all operations together. All are per
// account and, on the cautious reading of A1, per Region.
var quotas = map[string]quota{
	"apigateway/*":                          {10, second, 40},
	"apigateway/CreateRestApi":              {1, 3 * second, 1},
	"apigateway/CreateRestApi:edge":         {1, 30 * second, 1},
	"apigateway/ImportRestApi":              {1, 3 * second, 1},
	"apigateway/ImportRestApi:edge":         {1, 30 * second, 1},
	"apigateway/PutRestApi":                 {1, second, 1},
	"apigateway/DeleteRestApi":              {1, 30 * second, 1},
	"apigateway/CreateDeployment":           {1, 5 * second, 1},
	"apigateway/GetResources":               {5, 2 * second, 5},
	"apigateway/CreateResource":             {5, second, 5},
	"apigateway/DeleteResource":             {5, second, 5},
	"apigateway/CreateApiKey":               {5, second, 5},
	"apigateway/DeleteApiKey":               {5, second, 5},
	"apigateway/UpdateAccount":              {1, 20 * second, 1},
	"apigateway/UpdateUsagePlan":            {1, 20 * second, 1},
	"apigateway/CreateDomainName":           {1, 30 * second, 1},
	"apigateway/UpdateDomainName":           {1, 30 * second, 1},
	"apigateway/DeleteDomainName":           {1, 30 * second, 1},
	"apigateway/CreateDocumentationVersion": {1, 20 * second, 1},
	"apigateway/ImportDocumentationParts":   {1, 30 * second, 1},
	"apigateway/CreateVpcLink":              {1, 15 * second, 1},
	"apigateway/DeleteVpcLink":              {1, 30 * second, 1},

	"dynamodb/DescribeContinuousBackups": {10, second, 10},
	"dynamodb/ListTagsOfResource":        {10, second, 10},
	"dynamodb/TagResource":               {5, second, 5},
	"dynamodb/UntagResource":             {5, second, 5},
	"dynamodb/DescribeLimits":            {1, 60 * second, 1},
}

// quotaOperation is the operation's name in the table: creating an
// edge-optimised API has a quota of its own.
func quotaOperation(op string, r *http.Request, body []byte) string {
	switch op {
	case "CreateRestApi":
		var in struct {
			EndpointConfiguration struct {
				Types []string `json:"types"`
			} `json:"endpointConfiguration"`
		}
		_ = json.Unmarshal(body, &in) // a broken body is the service's to refuse
		if t := in.EndpointConfiguration.Types; len(t) == 0 || slices.Contains(t, "EDGE") {
			return op + ":edge"
		}
	case "ImportRestApi":
		if t := r.URL.Query().Get("endpointConfigurationTypes"); t == "" || t == "EDGE" {
			return op + ":edge"
		}
	}
	return op
}

// throttle counts calls against the quotas, one token bucket per account,
// Region and quota.
type throttle struct {
	mu      sync.Mutex
	scale   float64
	buckets map[string]*rate.Limiter
}

// admit takes a token from the operation's bucket and from the total, or from
// neither. A refused call learns when to come again.
func (t *throttle) admit(q core.Quotas, now time.Time, scope, service, op string) (retryAfter string, ok bool) {
	if !q.Enabled {
		return "", true
	}
	scale := q.Scale
	if scale <= 0 {
		scale = 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buckets == nil || t.scale != scale {
		t.scale, t.buckets = scale, map[string]*rate.Limiter{}
	}
	var taken []*rate.Reservation
	var wait time.Duration
	for _, name := range []string{service + "/" + op, service + "/*"} {
		limit, has := quotas[name]
		if !has {
			continue
		}
		key := scope + " " + name
		b := t.buckets[key]
		if b == nil {
			b = rate.NewLimiter(limit.limit(scale), limit.burst)
			t.buckets[key] = b
		}
		r := b.ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait <= 0 {
		return "", true
	}
	for _, r := range slices.Backward(taken) {
		r.CancelAt(now)
	}
	return strconv.Itoa(int((wait + second - 1) / second)), false
}
