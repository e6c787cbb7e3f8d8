// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import "time"

// APIKey is the API key that calls need. API Gateway makes its value, which is
// never read.
type APIKey struct {
	// Name is for people; it need not be unique.
	Name        string
	Description string
	// Enabled keys admit their bearers.
	Enabled bool
	Tags    map[string]string
}

// UsagePlan admits the key to the stage, and says how much it is good for.
type UsagePlan struct {
	Name        string
	Description string
	// Quota is nil where requests aren't counted.
	Quota *Quota
	// Throttle is nil where the stage's own limits are all there are.
	Throttle *Throttle
	Tags     map[string]string
}

// Quota is a number of requests in a period.
type Quota struct {
	Limit int
	// Period is DAY, WEEK or MONTH.
	Period string
	// Offset is taken off the limit of the first period; none is wanted.
	Offset int
}

// Throttle is a token bucket.
type Throttle struct {
	// Rate is in requests per second.
	Rate float64
	// Burst is in requests.
	Burst int
}

// ObservedKey is an API key that exists.
type ObservedKey struct {
	APIKey
	ID      string
	Created time.Time
}

// ObservedPlan is a usage plan that exists.
type ObservedPlan struct {
	UsagePlan
	ID string
	// Stages are those that keys in the plan are admitted to, by
	// PlanStage. The value is whether a method there has limits of its own.
	Stages map[string]bool
	// HasKey is whether the object's key is in the plan.
	HasKey bool
}

// ExtraKey is a further API key with the object's claim: a creation whose
// answer was lost may have left one.
type ExtraKey struct {
	ID string
	// InUse is whether a usage plan holds it.
	InUse bool
}

// PlanStage names a stage in a usage plan, as patches of it do.
func PlanStage(apiID, stage string) string { return apiID + ":" + stage }

// APIKey is the ARN of an API key; its account field is empty (aws-facts C4).
func (a ARN) APIKey(id string) string { return a.gateway("/apikeys/" + id) }

// UsagePlan is the ARN of a usage plan (aws-facts C4).
func (a ARN) UsagePlan(id string) string { return a.gateway("/usageplans/" + id) }

func (a ARN) gateway(path string) string {
	return "arn:" + a.Partition + ":apigateway:" + a.Region + "::" + path
}
