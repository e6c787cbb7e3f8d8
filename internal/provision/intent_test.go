// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"testing"
	"time"
)

// TestWhatWasCreatedIsLookedForSoonAndUntilItHasSettled: a REST API that AWS
// shows after a second must not cost a minute, and one that never shows must
// not be looked for in a hot loop.
func TestWhatWasCreatedIsLookedForSoonAndUntilItHasSettled(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	intent := &Intent{Time: start}
	looks := 0
	now := start
	for ; now.Before(intent.settled()); now = now.Add(intent.poll(now)) {
		if wait := intent.poll(now); wait < pollSoon || wait > pollMost {
			t.Fatalf("after %v it waits %v", now.Sub(start), wait)
		}
		looks++
	}
	if first := intent.poll(start); first > time.Second {
		t.Errorf("the first look comes after %v", first)
	}
	if looks > 20 {
		t.Errorf("%d looks in a minute", looks)
	}
	if late := now.Sub(intent.settled()); late > time.Second {
		t.Errorf("the last look comes %v after it has settled", late)
	}
}
