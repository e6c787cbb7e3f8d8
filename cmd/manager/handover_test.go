// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
)

// candidate is a process that competes for the lease.
type candidate struct {
	t      *testing.T
	name   string
	lock   *resourcelock.LeaseLock
	quotas *handover
	since  time.Time
}

func newCandidate(t *testing.T, cluster *fake.Clientset, name string, used ...awscloud.QuotaUsage) *candidate {
	t.Helper()
	c := &candidate{t: t, name: name, quotas: &handover{usage: func() (awscloud.Usage, bool) { return awscloud.Usage{Services: used}, true }}, lock: &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Namespace: "commentsapi-system", Name: leaseName}, Client: cluster.CoordinationV1()}}
	if err := c.quotas.through(c.lock); err != nil {
		t.Fatal(err)
	}
	return c
}

// lead takes the lease, as leader election does.
func (c *candidate) lead() {
	c.t.Helper()
	record, _, err := c.lock.Get(c.t.Context())
	if err != nil {
		if err := c.lock.Create(c.t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: c.name}); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	record.HolderIdentity = c.name
	record.LeaderTransitions++
	c.update(*record)
}

// renew keeps the lease.
func (c *candidate) renew() { c.rewrite(c.name) }

// giveBack ends in order.
func (c *candidate) giveBack() { c.rewrite("") }

func (c *candidate) rewrite(holder string) {
	c.t.Helper()
	record, _, err := c.lock.Get(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	record.HolderIdentity = holder
	c.update(*record)
}

func (c *candidate) update(r resourcelock.LeaderElectionRecord) {
	c.t.Helper()
	if err := c.lock.Update(c.t.Context(), r); err != nil {
		c.t.Fatal(err)
	}
}

func (c *candidate) expect(known bool, want ...awscloud.QuotaUsage) {
	c.t.Helper()
	usage, since, got := c.quotas.inherited()
	if got != known {
		c.t.Fatalf("%s: what its predecessor used is known: %t, want %t", c.name, got, known)
	}
	if diff := cmp.Diff(want, usage.Services); diff != "" {
		c.t.Errorf("%s inherits (-want +got):\n%s", c.name, diff)
	}
	if !c.since.IsZero() && !since.Equal(c.since) {
		c.t.Errorf("%s counts from %s, and before from %s", c.name, since, c.since)
	}
	c.since = since
}

// TestALeaderTellsTheNextWhatItUsed, and only the next, and only if it ended in
// order: what was left to a leader that crashed says nothing about that one.
func TestALeaderTellsTheNextWhatItUsed(t *testing.T) {
	cluster := fake.NewClientset()
	used := awscloud.QuotaUsage{Service: "API Gateway", Account: "1", Region: "eu-west-1", Full: 7,
		Busy: map[string][]awscloud.Milliseconds{"DeleteRestApi": {29000}}}

	first := newCandidate(t, cluster, "first", used)
	first.lead()
	first.expect(false)
	first.renew()
	second := newCandidate(t, cluster, "second")
	second.quotas.usage = func() (awscloud.Usage, bool) { t.Error("who crashes leaves nothing"); return awscloud.Usage{}, true }
	first.giveBack()
	second.lead()
	second.expect(true, used)
	second.renew()
	second.expect(true, used)
	if note, ok := note(t, cluster); ok {
		t.Errorf("the note that was read is sent with every renewal: %s", note)
	}

	third := newCandidate(t, cluster, "third")
	third.lead() // the second's lease ran out
	third.expect(false)
	third.giveBack()

	fourth := newCandidate(t, cluster, "fourth")
	fourth.lead()
	fourth.expect(true)
}

// note is what the lease holds for the next leader.
func note(t *testing.T, cluster *fake.Clientset) (text string, ok bool) {
	t.Helper()
	lease, err := cluster.CoordinationV1().Leases("commentsapi-system").Get(t.Context(), leaseName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, ok = lease.Annotations[usageAnnotation]
	return text, ok
}

// TestOnlyWhoTakesTheLeaseInherits: a replica that lost the race for it takes
// it some other time, from somebody else.
func TestOnlyWhoTakesTheLeaseInherits(t *testing.T) {
	cluster := fake.NewClientset()
	first, second := newCandidate(t, cluster, "first"), newCandidate(t, cluster, "second")
	first.lead()
	first.giveBack()
	began := time.Now()
	cluster.PrependReactor("update", "leases", func(k8stesting.Action) (bool, runtime.Object, error) {
		if _, since, _ := second.quotas.inherited(); !since.IsZero() {
			t.Error("it inherits before it has the lease")
		}
		return true, nil, errors.New("somebody else was faster")
	})
	record, _, err := second.lock.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record.HolderIdentity = "second"
	record.LeaderTransitions++
	if err := second.lock.Update(t.Context(), *record); err == nil {
		t.Fatal("the conflict is hidden")
	}
	second.expect(false)
	var sent time.Time
	cluster.ReactionChain = cluster.ReactionChain[1:]
	cluster.PrependReactor("update", "leases", func(k8stesting.Action) (bool, runtime.Object, error) {
		sent = time.Now()
		return false, nil, nil
	})
	second.lead()
	second.expect(true)
	if second.since.Before(began) || second.since.After(sent) {
		t.Errorf("it counts from %s; the write that took the lease was sent at %s", second.since, sent)
	}
}

// TestNoNoteIsLeftOfWhatIsNotKnown, nor one that the API server would refuse,
// and with it the lease's return.
func TestNoNoteIsLeftOfWhatIsNotKnown(t *testing.T) {
	for name, usage := range map[string]func() (awscloud.Usage, bool){
		"unknown": func() (awscloud.Usage, bool) { return awscloud.Usage{}, false },
		"too long": func() (awscloud.Usage, bool) {
			return awscloud.Usage{Services: make([]awscloud.QuotaUsage, 5000)}, true
		},
	} {
		cluster := fake.NewClientset()
		first, second := newCandidate(t, cluster, "first"), newCandidate(t, cluster, "second")
		first.lead()
		first.giveBack()
		second.lead()
		second.quotas.usage = usage
		second.giveBack()
		if note, ok := note(t, cluster); ok {
			t.Errorf("%s: %d bytes are left, of which nobody may know what they are worth", name, len(note))
		}
	}
}

// TestADamagedBequestIsNone: then the successor waits as after a crash.
func TestADamagedBequestIsNone(t *testing.T) {
	cluster := fake.NewClientset()
	first := newCandidate(t, cluster, "first")
	first.lead()
	first.giveBack()
	leases := cluster.CoordinationV1().Leases("commentsapi-system")
	lease, err := leases.Get(t.Context(), leaseName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lease.Annotations[usageAnnotation] = `{"transitions":0,"usage":[{"full":"soon"}]}`
	if _, err := leases.Update(t.Context(), lease, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	second := newCandidate(t, cluster, "second")
	second.lead()
	second.expect(false)
}

// TestAWSIsCalledAsALeaderMay: not without the lease, and from where the
// predecessor left the quotas; without leader election nothing is known of one.
func TestAWSIsCalledAsALeaderMay(t *testing.T) {
	s := settings{quotaShare: 1, quotaScale: 1}
	alone := s.clouds(controllers.Shard{}, nil)
	if !alone.Successor || alone.Permit != nil || alone.Inherited != nil {
		t.Errorf("without leader election AWS is called by %+v", alone)
	}
	leading := &lease{lasts: time.Minute, now: time.Now, quotas: &handover{known: true, received: awscloud.Usage{Table: "mine"}}}
	elected := s.clouds(controllers.Shard{}, leading)
	if err := elected.Permit(); err == nil {
		t.Error("a process that does not lead may call AWS")
	}
	if usage, _, known := elected.Inherited(); !elected.Successor || !known || usage.Table != "mine" {
		t.Errorf("a leader doesn't hear what its predecessor left: %v, %t", usage, known)
	}
}
