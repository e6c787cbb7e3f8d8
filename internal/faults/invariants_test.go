// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
)

const (
	// mostCalls bounds the external calls of one reconcile, retries included: a
	// creation without faults takes 54 in all, and 49 is the most that one look
	// was seen to make.
	mostCalls = 64
	// closestLooks is the least time between two looks at one object.
	closestLooks = 50 * time.Millisecond
	stageGrace   = 10 * time.Minute
	indexGrace   = 2 * time.Minute
)

// invariants are what must hold after every write, whatever fails.
type invariants struct {
	// others is what bystanders own.
	others account
	// now is the account after the last write, atStart at the beginning of the
	// reconcile.
	now, atStart account
	// reconcile's view of the object at its beginning, from the cluster.
	object *v1alpha1.CommentsAPI
	// shared reconciles had another operator beside them.
	shared bool
	// trails is whether reads of AWS showed the past during the reconcile, and
	// trailed whether they did during the one before.
	trails, trailed bool
	calls           int
	seq             int64
	// serving are the stages that answer right before a write.
	serving readers
	// used is when a stage last led readers to an index.
	used map[string]time.Time
}

func (v *invariants) start(w *world) {
	v.others = w.account()
	v.now = v.others
	v.used = map[string]time.Time{}
}

// beforeReconcile notes what the operator could know.
func (v *invariants) beforeReconcile(w *world) {
	v.calls, v.shared = 0, false
	v.trailed, v.trails = v.trails, time.Now().Before(w.lagEnds)
	v.now = w.account()
	v.atStart = v.now
	v.object = w.live()
}

// beforeWrite checks what has to be written down before AWS is changed.
func (v *invariants) beforeWrite(w *world, c call) {
	v.serving = w.readers(w.account(), c.site.Op)
	o := w.live()
	if o == nil || w.traits&(stale|recreated|late) != 0 && o.UID != v.uid() {
		return // an operator with an old view; what it does is checked by effect
	}
	if len(o.Finalizers) == 0 {
		w.violate("%s is sent while the object has no finalizer", c.site.Op)
	}
	if o.Status.AccountID == "" {
		w.violate("%s is sent before the account is recorded", c.site.Op)
	}
	if strings.HasSuffix(c.site.Op, ".CreateRestApi") && w.traits&late == 0 {
		nonce := readBodyOf(c.aws)
		if o.Status.Intent == nil || !strings.Contains(nonce, o.Status.Intent.Nonce) {
			w.violate("CreateRestApi is sent without a recorded intent")
		}
	}
	v.beforeKey(w, c, o)
}

func (v *invariants) uid() types.UID {
	if v.object == nil {
		return ""
	}
	return v.object.UID
}

// afterWrite checks what a write did.
func (v *invariants) afterWrite(w *world, c call) {
	if c.site.kubernetes() {
		return
	}
	past := v.now
	v.now = w.account()
	entry := w.lastRequest(v)
	v.quiet(w, c)
	v.checkClaim(w, entry)
	v.checkTables(w, past)
	v.checkReaders(w, past, c.site.Op)
	v.checkIndexes(w, past, c.site.Op)
	if n := len(v.now.claimedAPIs()); n > 1 && w.traits&(skewed|late) == 0 && !w.hidden {
		w.violate("%d REST APIs carry the object's claim after %s", n, c.site.Op)
	}
	v.checkKeys(w, c.site.Op)
	v.checkDeployments(w, c.site.Op)
	for name, other := range v.others.tables {
		if have, ok := v.now.tables[name]; !ok || !reflect.DeepEqual(other.Tags, have.Tags) || other.ItemCount != have.ItemCount || status(have) != "ACTIVE" {
			w.violate("table %s of somebody else was changed by %s", name, c.site.Op)
		}
	}
	for name, other := range v.others.roles {
		if !reflect.DeepEqual(other, v.now.roles[name]) {
			w.violate("role %s of somebody else was changed by %s", name, c.site.Op)
		}
	}
	for id, other := range v.others.apis {
		if have, ok := v.now.apis[id]; !ok || have.picture() != other.picture() {
			w.violate("REST API %s of somebody else was changed by %s", id, c.site.Op)
		}
	}
}

// checkDeployments checks that no definition is deployed twice: AWS has no
// token for that either, and keeps few deployments.
func (v *invariants) checkDeployments(w *world, op string) {
	if !strings.HasSuffix(op, ".CreateDeployment") || w.traits&(stale|skewed|rivalled) != 0 {
		return
	}
	for _, id := range v.now.claimedAPIs() {
		seen := map[string]bool{}
		for _, d := range v.now.apis[id].Deployments {
			if d.Description != "" && seen[d.Description] {
				w.violate("a definition is deployed twice")
			}
			seen[d.Description] = true
		}
	}
}

// lastRequest is the local AWS's log entry of the write.
func (w *world) lastRequest(v *invariants) control.Request {
	log := w.aws.Requests(v.seq)
	v.seq = log.Last
	for i := len(log.Requests) - 1; i >= 0; i-- {
		if log.Requests[i].Write {
			return log.Requests[i]
		}
	}
	return control.Request{}
}

// quiet checks that an object which asks for no writes gets none.
func (v *invariants) quiet(w *world, c call) {
	if v.object == nil || w.traits&stale != 0 {
		return
	}
	if o := w.live(); w.traits&recreated != 0 && (o == nil || o.UID != v.object.UID) {
		return // the operator may have read the new object already
	}
	if v.object.Spec.Mode == v1alpha1.ModeObserve {
		w.violate("%s is sent in mode Observe", c.site.Op)
	}
	// A paused object is deleted like any other; its user may do so right
	// before the operator reads it.
	o := w.live()
	going := !v.object.DeletionTimestamp.IsZero() || o != nil && !o.DeletionTimestamp.IsZero()
	if _, paused := v.object.Annotations[v1alpha1.AnnotationPaused]; paused && !going {
		w.violate("%s is sent while the object is paused", c.site.Op)
	}
}

// checkClaim checks that what was written to carried the claim when the
// reconcile began, or did not exist.
func (v *invariants) checkClaim(w *world, r control.Request) {
	if w.traits&stale != 0 || r.Status >= 400 {
		return
	}
	for name, t := range v.atStart.tables {
		if (r.Resource == name || strings.HasSuffix(r.Resource, ":table/"+name)) && r.Service == "dynamodb" && !claimed(t.Tags) && name != w.takenOver {
			w.violate("%s changes table %s, which is not the object's", r.Operation, name)
		}
	}
	for name, role := range v.atStart.roles {
		if r.Service == "iam" && r.Resource == name && !claimed(role.Tags) {
			w.violate("%s changes role %s, which is not the object's", r.Operation, name)
		}
	}
	for id, api := range v.atStart.apis {
		if r.Service == "apigateway" && strings.Contains(r.Resource, id) && !claimed(api.API.Tags) && id != w.takenOver {
			w.violate("%s changes REST API %s, which is not the object's", r.Operation, id)
		}
	}
}

// checkTables checks that no table goes, and no comment, unless the object's
// policy says so and the object is being deleted.
func (v *invariants) checkTables(w *world, past account) {
	o := w.live()
	if w.traits&recreated != 0 { // the operator works for the one before
		o = v.object
	}
	allowed := o != nil && !o.DeletionTimestamp.IsZero() && o.Spec.DeletionPolicy.Table == v1alpha1.TableDelete
	for name, before := range past.tables {
		after, there := v.now.tables[name]
		going := !there || status(after) == "DELETING"
		if going && status(before) != "DELETING" && (!allowed || !claimed(before.Tags)) {
			w.violate("table %s is deleted", name)
		}
		if going && claimed(before.Tags) {
			w.comments = 0
		}
		if !going && after.ItemCount < before.ItemCount {
			w.violate("comments of table %s are gone", name)
		}
	}
}

// afterReconcile checks what one reconcile says and asks for.
func (v *invariants) afterReconcile(w *world, next time.Duration, err error) {
	if w.traits&rivalled == 0 {
		w.most = max(w.most, v.calls)
		if v.calls > mostCalls {
			w.violate("one reconcile makes %d calls", v.calls)
		}
	}
	if err == nil && next != 0 && next < closestLooks {
		w.violate("the next look is %s away: a hot loop", next)
	}
	o := w.live()
	if err == nil && next == 0 && o != nil && o.DeletionTimestamp.IsZero() && w.traits&stale == 0 {
		if _, paused := o.Annotations[v1alpha1.AnnotationPaused]; !paused {
			w.violate("a living object is not looked at again")
		}
	}
	v.checkHealth(w, o)
	if v.object != nil && o != nil && w.traits&(stale|skewed) == 0 && o.UID == v.object.UID && o.Spec.Mode == v1alpha1.ModeEnforce && o.DeletionTimestamp.IsZero() &&
		!conditionIs(v.object, v1alpha1.ConditionReady, "True") && conditionIs(o, v1alpha1.ConditionReady, "True") && !w.get(o.Status.RestAPI.ID, o.Status.Stage.Name) {
		w.violate("the object becomes Ready and doesn't serve")
	}
	said := fmt.Sprint(err)
	if o != nil {
		said += string(must(json.Marshal(o)))
	}
	w.checkCanaries(said + w.logs.String())
	if o == nil && v.object != nil && w.traits&stale == 0 {
		v.checkLeft(w, v.object)
	}
}

// checkLeft checks that nothing of a gone object is left but a retained table.
func (v *invariants) checkLeft(w *world, o *v1alpha1.CommentsAPI) {
	if o.Spec.Mode == v1alpha1.ModeObserve || w.forced && o.Status.AccountID == "" {
		return // it wrote nothing, and what one before it left it had not taken over yet
	}
	for _, name := range w.account().owned() {
		if strings.HasPrefix(name, "table ") && o.Spec.DeletionPolicy.Table != v1alpha1.TableDelete {
			continue
		}
		w.violate("the object is gone and left %s", strings.Fields(name)[0]+" "+strings.Fields(name)[1])
	}
}
