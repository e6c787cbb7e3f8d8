// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/stack"
)

// blockedKey checks the claims on the API key and the usage plan. Only those
// that status remembers are ever met without one.
func blockedKey(desired stack.Desired, observed stack.Observed, c Context) *Block {
	if desired.Key == nil {
		return nil
	}
	if key := observed.Key; key != nil {
		if relation := c.Claim.Relation(key.Tags); !relation.Mine() {
			return foreign(APIKey, "API key "+key.ID, relation, true)
		}
	}
	if usage := observed.UsagePlan; usage != nil {
		if relation := c.Claim.Relation(usage.Tags); !relation.Mine() {
			return foreign(UsagePlan, "usage plan "+usage.ID, relation, true)
		}
	}
	return nil
}

// diffKey plans the API key itself. A disabled one locks clients out.
func diffKey(desired stack.Desired, observed stack.Observed) []Step {
	if desired.Key == nil {
		return nil
	}
	var steps []Step
	for _, extra := range observed.ExtraKeys {
		if !extra.InUse {
			steps = append(steps, Step{Op: DeleteAPIKey, Resource: APIKey, Target: extra.ID,
				Changes: []Change{{Resource: APIKey, Action: Delete, Field: "duplicate", From: extra.ID}}})
		}
	}
	have, want := observed.Key, desired.Key
	if have == nil {
		return append(steps, Step{Op: CreateAPIKey, Resource: APIKey, Serving: true,
			Changes: []Change{{Resource: APIKey, Action: Create, To: want.Name}}})
	}
	tags := differ{resource: APIKey}
	tags.tags(have.Tags, want.Tags)
	if len(tags.changes) > 0 {
		steps = append(steps, Step{Op: TagAPIKey, Resource: APIKey, Target: have.ID, Changes: tags.changes})
	}
	d := differ{resource: APIKey}
	d.text("name", have.Name, want.Name)
	d.text("description", have.Description, want.Description)
	d.boolean("enabled", have.Enabled, want.Enabled)
	if len(d.changes) > 0 {
		steps = append(steps, Step{Op: UpdateAPIKey, Resource: APIKey, Target: have.ID, Changes: d.changes, Serving: have.Enabled != want.Enabled})
	}
	return steps
}

// diffUsagePlan plans what the key is good for: the plan, its stages, and the
// key in it. It needs the stage.
func diffUsagePlan(desired stack.Desired, observed stack.Observed, c Context) []Step {
	if desired.Key == nil {
		return nil
	}
	var steps []Step
	for _, extra := range observed.ExtraPlans {
		steps = append(steps, Step{Op: DeleteUsagePlan, Resource: UsagePlan, Target: extra.ID,
			Changes: []Change{{Resource: UsagePlan, Action: Delete, Field: "duplicate", From: extra.ID}}})
	}
	have, want := observed.UsagePlan, desired.UsagePlan
	addKey := Step{Op: AddPlanKey, Resource: UsagePlan, Serving: true, Changes: []Change{{Resource: UsagePlan, Action: Create, Field: "key", To: desired.Key.Name}}}
	if have == nil {
		return append(steps, Step{Op: CreateUsagePlan, Resource: UsagePlan, Target: desired.Stage.Name, Serving: true,
			Changes: []Change{{Resource: UsagePlan, Action: Create, To: want.Name}}}, addKey)
	}
	tags := differ{resource: UsagePlan}
	tags.tags(have.Tags, want.Tags)
	if len(tags.changes) > 0 {
		steps = append(steps, Step{Op: TagUsagePlan, Resource: UsagePlan, Target: have.ID, Changes: tags.changes})
	}
	d := differ{resource: UsagePlan}
	stages := planStages(desired, have, observed.API, c)
	shut := diffPlanStages(&d, observed.API, have.Stages, stages)
	d.text("name", have.Name, want.Name)
	d.text("description", have.Description, want.Description)
	diffQuota(&d, have.Quota, want.Quota)
	diffThrottle(&d, have.Throttle, want.Throttle)
	if len(d.changes) > 0 {
		steps = append(steps, Step{Op: UpdateUsagePlan, Resource: UsagePlan, Target: have.ID, Changes: d.changes, Stages: sorted(stages), Serving: shut})
	}
	if !have.HasKey {
		steps = append(steps, addKey)
	}
	return steps
}

// diffPlanStages compares the stages of a usage plan, and reports whether
// clients are shut out for want of one. Stages of the object's own API go by
// their names.
func diffPlanStages(d *differ, api *stack.ObservedAPI, have, wanted map[string]bool) (shut bool) {
	for _, name := range union(have, wanted) {
		limited, had := have[name]
		field := "stages." + name
		if api != nil {
			field = "stages." + strings.TrimPrefix(name, stack.PlanStage(api.ID, ""))
		}
		switch _, needed := wanted[name]; {
		case !had:
			shut = true
			d.add(Create, field, "", name)
		case !needed:
			d.add(Delete, field, name, "")
		case limited:
			d.add(Delete, field+".throttle", "limits of its own", "")
		}
	}
	return shut
}

// planStages are the stages that a usage plan is to hold: the desired one, and
// of those it holds the object's older ones as long as they are there, since
// they may need the key and something may still lead to them. AWS takes a stage
// that is deleted out of its plans. While the API is yet to be made, and has no
// id, what is there stays.
func planStages(desired stack.Desired, have *stack.ObservedPlan, api *stack.ObservedAPI, c Context) map[string]bool {
	wanted := map[string]bool{}
	if api == nil {
		for name := range have.Stages {
			wanted[name] = false
		}
		return wanted
	}
	wanted[stack.PlanStage(api.ID, desired.Stage.Name)] = false
	for _, o := range oldStages(api, desired.Stage.Name, c) {
		name := stack.PlanStage(api.ID, o.Name)
		if _, had := have.Stages[name]; had {
			wanted[name] = false
		}
	}
	return wanted
}

func diffQuota(d *differ, have, want *stack.Quota) {
	if presence(d, "quota", have != nil, want != nil) {
		d.number("quota.limit", int64(have.Limit), int64(want.Limit))
		d.text("quota.period", have.Period, want.Period)
		d.number("quota.offset", int64(have.Offset), int64(want.Offset))
	}
}

func diffThrottle(d *differ, have, want *stack.Throttle) {
	if presence(d, "throttle", have != nil, want != nil) {
		rate := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
		d.text("throttle.rate", rate(have.Rate), rate(want.Rate))
		d.number("throttle.burst", int64(have.Burst), int64(want.Burst))
	}
}

// retireKey plans the end of an API key and its usage plan that no call needs
// any more, once no client can be served by a stage that asks for it. What
// isn't this object's is left alone.
func retireKey(desired stack.Desired, observed stack.Observed, c Context, stage stack.ObservedStage, old []stack.ObservedStage) []Step {
	if desired.Key != nil {
		return nil
	}
	plans, keys := ownKeys(observed, c)
	if len(plans)+len(keys) == 0 {
		return nil
	}
	until := indexEnd(stage)
	for _, o := range old {
		if end := stageEnd(stage, o); end.After(until) {
			until = end
		}
	}
	if len(old) > 0 && !c.Now.Before(until) {
		return nil // after them
	}
	return removeKeys(plans, keys, until, c.Now)
}

// ownKeys are the ids of all usage plans and API keys that carry the claim.
func ownKeys(observed stack.Observed, c Context) (plans, keys []string) {
	if p := observed.UsagePlan; p != nil && c.Claim.Relation(p.Tags).Mine() {
		plans = append(plans, p.ID)
	}
	for _, p := range observed.ExtraPlans {
		plans = append(plans, p.ID)
	}
	if k := observed.Key; k != nil && c.Claim.Relation(k.Tags).Mine() {
		keys = append(keys, k.ID)
	}
	for _, k := range observed.ExtraKeys {
		keys = append(keys, k.ID)
	}
	return plans, keys
}

func removeKeys(plans, keys []string, until, now time.Time) []Step {
	var steps []Step
	for _, id := range plans {
		steps = append(steps, Step{Op: DeleteUsagePlan, Resource: UsagePlan, Target: id,
			Changes: []Change{{Resource: UsagePlan, Action: Delete, From: id}}})
	}
	for _, id := range keys {
		steps = append(steps, Step{Op: DeleteAPIKey, Resource: APIKey, Target: id,
			Changes: []Change{{Resource: APIKey, Action: Delete, From: id}}})
	}
	if !now.Before(until) {
		return steps
	}
	wait := Step{Op: WaitGrace, Resource: steps[0].Resource, Target: steps[0].Target, Until: until,
		Message: fmt.Sprintf("the API key goes after %s, when no call needs it", until.UTC().Format("15:04:05 UTC"))}
	for _, s := range steps {
		wait.Changes = append(wait.Changes, s.Changes...)
	}
	return []Step{wait}
}
