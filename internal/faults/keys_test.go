// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// keyWorkloads are those with an API key. Posting needs it; reading stays open,
// so that a working stage is told as everywhere else.
var keyWorkloads = []workload{
	{name: "create-keyed", run: func(w *world) { w.create(keyed); w.settle(); w.comment() }},
	{name: "key-on", before: (*world).standing, run: func(w *world) { w.edit(keyed); w.settle(); w.comment() }},
	{name: "key-off", before: (*world).standingKeyed, run: func(w *world) { w.edit(keyless); w.settle(); w.comment() }},
	{name: "key-on-and-off", before: (*world).standing, run: func(w *world) {
		w.edit(keyed)
		w.looks(2)
		w.edit(keyless)
		w.settle()
		w.delete()
		w.vanish()
	}},
	{name: "key-quota", before: (*world).standingKeyed, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) {
			o.Spec.API.APIKey.Quota = nil
			o.Spec.API.APIKey.Throttling = &v1alpha1.KeyThrottlingSpec{Rate: 5, Burst: 5}
		})
		w.settle()
	}},
	{name: "stage-rename-keyed", before: (*world).standingKeyed, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "live" })
		w.settle()
		w.comment()
	}},
	{name: "delete-keyed", before: (*world).standingKeyed, run: func(w *world) { w.delete(); w.vanish() }},
	{name: "delete-during-create-keyed", run: func(w *world) { w.create(keyed, disposable); w.looks(5); w.delete(); w.vanish() }},
	{name: "finalizer-forced-keyed", before: (*world).standingKeyed, run: func(w *world) { w.forget(); w.create(keyed); w.settle(); w.comment() }},
	{name: "finalizer-forced-unkeyed", before: (*world).standingKeyed, run: func(w *world) { w.forget(); w.create(); w.settle(); w.comment() }},
	keyDrift("drift-key-gone", func(w *world) {
		must(w.apis.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: &w.live().Status.APIKey.ID}))
	}),
	keyDrift("drift-plan-gone", func(w *world) {
		plan := &w.live().Status.UsagePlan.ID
		must(w.apis.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: w.api(), StageName: aws.String("prod")}))
		must(w.apis.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan}))
	}),
}

func keyed(o *v1alpha1.CommentsAPI) {
	o.Spec.API.APIKey = &v1alpha1.APIKeySpec{Post: v1alpha1.KeyRequired, List: v1alpha1.KeyNone,
		Quota: &v1alpha1.QuotaSpec{Limit: 1000, Period: v1alpha1.QuotaDay}}
}

func keyless(o *v1alpha1.CommentsAPI) { o.Spec.API.APIKey = nil }

func (w *world) standingKeyed() { w.settledObject(keyed) }

// keyDrift is a change by somebody else, which the operator puts right.
func keyDrift(name string, change func(*world)) workload {
	return workload{name: name, before: (*world).standingKeyed, run: func(w *world) { change(w); w.force(); w.settle(); w.comment() }}
}

func (a account) claimedKeys() (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(a.keys)) {
		if claimed(a.keys[id].Tags) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (a account) claimedPlans() (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(a.plans)) {
		if claimed(a.plans[id].Tags) {
			ids = append(ids, id)
		}
	}
	return ids
}

// keysPicture is what of the API keys and usage plans is the same in every run.
func (a account) keysPicture() string {
	var b strings.Builder
	for _, id := range a.claimedKeys() {
		k := a.keys[id]
		fmt.Fprintf(&b, "key %s %q enabled %t\n", k.Name, k.Description, k.Enabled)
	}
	for _, id := range a.claimedPlans() {
		p := a.plans[id]
		fmt.Fprintf(&b, "plan %s %q quota %s throttle %s", p.Name, p.Description, must(json.Marshal(p.Quota)), must(json.Marshal(p.Throttle)))
		for _, s := range p.APIStages {
			fmt.Fprintf(&b, " stage %s ours %t limits %d", s.Stage, claimed(a.apis[s.APIID].API.Tags), len(s.Throttle))
		}
		for _, key := range p.KeyIDs {
			fmt.Fprintf(&b, " key ours %t", claimed(a.keys[key].Tags))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// beforeKey checks that a creation that can't be repeated is written down.
func (v *invariants) beforeKey(w *world, c call, o *v1alpha1.CommentsAPI) {
	var intent *v1alpha1.Intent
	switch {
	case w.traits&late != 0:
		return
	case strings.HasSuffix(c.site.Op, ".CreateApiKey"):
		if o.Status.APIKey != nil {
			intent = o.Status.APIKey.Intent
		}
	case strings.HasSuffix(c.site.Op, ".CreateUsagePlan"):
		if o.Status.UsagePlan != nil {
			intent = o.Status.UsagePlan.Intent
		}
	default:
		return
	}
	if intent == nil || !strings.Contains(readBodyOf(c.aws), intent.Nonce) {
		w.violate("%s is sent without a recorded intent", c.site.Op)
	}
}

// checkKeys checks that there is one of each at most, and that those of others
// stay as they are.
func (v *invariants) checkKeys(w *world, op string) {
	if w.traits&(skewed|late) == 0 && !w.hidden {
		if n := len(v.now.claimedKeys()); n > 1 {
			w.violate("%d API keys carry the object's claim after %s", n, op)
		}
		if n := len(v.now.claimedPlans()); n > 1 {
			w.violate("%d usage plans carry the object's claim after %s", n, op)
		}
	}
	for id, other := range v.others.keys {
		if !reflect.DeepEqual(other, v.now.keys[id]) {
			w.violate("API key %s of somebody else was changed by %s", id, op)
		}
	}
	for id, other := range v.others.plans {
		if !reflect.DeepEqual(other, v.now.plans[id]) {
			w.violate("usage plan %s of somebody else was changed by %s", id, op)
		}
	}
}
