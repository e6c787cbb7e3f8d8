// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package core

import (
	"slices"
	"testing"
	"time"
)

func TestStoreReadsTrailWritesByTheLag(t *testing.T) {
	clock := NewFakeClock(time.Unix(1_700_000_000, 0))
	s := NewStore[string, int](clock)
	s.Put("a", 1)
	if _, ok := s.Visible("a", time.Second); ok {
		t.Error("a lagging read sees a value that was written just now")
	}
	if v, ok := s.Latest("a"); !ok || v != 1 {
		t.Errorf("Latest = %d, %t; want 1, true", v, ok)
	}
	clock.Advance(2 * time.Second)
	s.Put("a", 2)
	if v, _ := s.Visible("a", time.Second); v != 1 {
		t.Errorf("lagging read = %d; want the value from before the write, 1", v)
	}
	clock.Advance(time.Second)
	if v, _ := s.Visible("a", time.Second); v != 2 {
		t.Errorf("read after the lag = %d; want 2", v)
	}
}

func TestStoreDeletedKeyStaysVisibleForTheLag(t *testing.T) {
	clock := NewFakeClock(time.Unix(1_700_000_000, 0))
	s := NewStore[string, int](clock)
	s.Put("a", 1)
	clock.Advance(time.Minute)
	s.Delete("a")
	if got := s.Keys(10 * time.Second); !slices.Equal(got, []string{"a"}) {
		t.Errorf("lagging Keys = %v; want [a]", got)
	}
	if got := s.Keys(0); len(got) != 0 {
		t.Errorf("Keys = %v; want none", got)
	}
	clock.Advance(historyKept + time.Second)
	s.Put("b", 1)
	if _, ok := s.Visible("a", 10*time.Second); ok {
		t.Error("a deleted key is still visible after the lag")
	}
}

// A store whose keys come and go doesn't grow.
func TestStoreForgetsDeletedKeys(t *testing.T) {
	clock := NewFakeClock(time.Unix(1_700_000_000, 0))
	s := NewStore[int, int](clock)
	s.Put(0, 0)
	for i := 1; i <= 1000; i++ {
		s.Put(i, i)
		s.Delete(i)
		clock.Advance(time.Second)
	}
	if n := len(s.data); n > 700 {
		t.Errorf("the store remembers %d keys; want no more than those of twice the time it keeps", n)
	}
	if v, ok := s.Latest(0); !ok || v != 0 {
		t.Errorf("Latest = %d, %t; want the key that was never deleted", v, ok)
	}
}
