// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/commentsapi/operator/controllers"
)

// fakeLock is a lock of which only writing counts.
type fakeLock struct {
	resourcelock.Interface
	err    error
	holder string
	writes int
	// before, when set, is called at each write.
	before func()
}

func (f *fakeLock) Identity() string { return "me" }

func (f *fakeLock) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &resourcelock.LeaderElectionRecord{HolderIdentity: f.holder}, nil, nil
}

func (f *fakeLock) Update(context.Context, resourcelock.LeaderElectionRecord) error {
	f.writes++
	if f.before != nil {
		f.before()
	}
	return f.err
}

// TestNothingIsSentOnceTheLeaseIsOver: whoever was stopped for longer than the
// lease lasts may wake up beside another leader.
func TestNothingIsSentOnceTheLeaseIsOver(t *testing.T) {
	now := time.Now()
	lock := &fakeLock{holder: "me"}
	l := &lease{Interface: lock, lasts: 15 * time.Second, now: func() time.Time { return now }}
	mine, given := resourcelock.LeaderElectionRecord{HolderIdentity: "me"}, resourcelock.LeaderElectionRecord{}
	expect := func(what string, held bool) {
		t.Helper()
		if err := l.held(); (err == nil) != held {
			t.Errorf("%s: %v; want held=%v", what, err, held)
		}
	}
	expect("before the first renewal", false)
	if err := l.Update(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	expect("after a renewal", true)
	now = now.Add(14 * time.Second)
	expect("before its end", true)
	lock.err = errors.New("no connection")
	if err := l.Update(t.Context(), mine); err == nil {
		t.Fatal("the failure is hidden")
	}
	now = now.Add(time.Second)
	expect("at its end, after a renewal that failed", false)
	lock.err = nil
	if err := l.Update(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	expect("after another renewal", true)
	now = now.Round(0).Add(time.Hour) // only the wall clock went on: the machine slept
	expect("after an hour's sleep", false)
	if err := l.Update(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Update(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	expect("after it was given back", false)
	if err := l.Update(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	lock.before = func() { expect("while it is given back", false) }
	if err := l.Update(t.Context(), given); err != nil {
		t.Fatal(err)
	}
}

// TestAnothersLeaseIsNotGivenBack: client-go gives the lease back by what it
// saw last. A leader that was cut off meanwhile would end the lead of the one
// that followed it, and a third would begin beside that.
func TestAnothersLeaseIsNotGivenBack(t *testing.T) {
	lock := &fakeLock{holder: "me"}
	l := &lease{Interface: lock, lasts: 15 * time.Second, now: time.Now}
	if err := l.Update(t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: "me"}); err != nil {
		t.Fatal(err)
	}
	lock.holder, lock.writes = "another", 0
	if _, _, err := l.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Update(t.Context(), resourcelock.LeaderElectionRecord{}); err == nil || lock.writes > 0 {
		t.Errorf("another's lease is given back with %d writes: %v", lock.writes, err)
	}
	if l.held() == nil {
		t.Error("who gives the lease back goes on sending")
	}
}

// TestEachShardHasALeaseOfItsOwn: operators that share the objects all lead,
// and one without shards keeps the lease that its rights name.
func TestEachShardHasALeaseOfItsOwn(t *testing.T) {
	for shard, want := range map[controllers.Shard]string{
		{}:                   "commentsapi-operator.commentsapi.io",
		{Index: 1, Count: 3}: "commentsapi-operator-1-of-3.commentsapi.io",
		{Index: 3, Count: 3}: "commentsapi-operator-3-of-3.commentsapi.io",
	} {
		if got := leaseOf(shard); got != want {
			t.Errorf("the lease of shard %q is %s; want %s", shard, got, want)
		}
	}
}
