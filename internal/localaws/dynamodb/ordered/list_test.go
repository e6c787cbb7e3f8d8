// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package ordered

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestListBehavesLikeASortedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l List[int]
		model := map[string]int{}
		key := rapid.StringMatching("[a-e]{0,4}")
		for i := range rapid.IntRange(0, 900).Draw(t, "steps") {
			k := key.Draw(t, "key")
			if rapid.IntRange(0, 3).Draw(t, "op") == 0 {
				_, had := model[k]
				if got := l.Delete(k); got != had {
					t.Fatalf("Delete(%q) = %t; want %t", k, got, had)
				}
				delete(model, k)
				continue
			}
			l.Set(k, i)
			model[k] = i
		}
		if l.Len() != len(model) {
			t.Fatalf("Len = %d; want %d", l.Len(), len(model))
		}
		bound := key.Draw(t, "bound")
		var up, down, wantUp, wantDown []string
		for k, v := range model {
			if got, ok := l.Get(k); !ok || got != v {
				t.Fatalf("Get(%q) = %d, %t; want %d", k, got, ok, v)
			}
			if k >= bound {
				wantUp = append(wantUp, k)
			} else {
				wantDown = append(wantDown, k)
			}
		}
		l.Ascend(bound, func(k string, _ int) bool { up = append(up, k); return true })
		l.Descend(bound, func(k string, _ int) bool { down = append(down, k); return true })
		slices.Sort(wantUp)
		slices.Sort(wantDown)
		slices.Reverse(wantDown)
		if !slices.Equal(up, wantUp) {
			t.Fatalf("Ascend(%q) = %v; want %v", bound, up, wantUp)
		}
		if !slices.Equal(down, wantDown) {
			t.Fatalf("Descend(%q) = %v; want %v", bound, down, wantDown)
		}
	})
}

func TestListStaysSortedOverManyChunks(t *testing.T) {
	const n = 20_000
	var l List[int]
	for i := range n {
		k := (i * 7919) % n // every number once, in a scattered order
		l.Set(string([]byte{byte(k >> 16), byte(k >> 8), byte(k)}), k)
	}
	for k := 0; k < n; k += 3 {
		if !l.Delete(string([]byte{byte(k >> 16), byte(k >> 8), byte(k)})) {
			t.Fatalf("%d is not there", k)
		}
	}
	want := 1
	l.Ascend("", func(_ string, v int) bool {
		if v != want {
			t.Fatalf("found %d; want %d", v, want)
		}
		if want++; want%3 == 0 {
			want++
		}
		return true
	})
	if want != n && want != n+1 {
		t.Errorf("the walk ended before %d; want %d", want, n)
	}
	if l.Len() != n-(n+2)/3 {
		t.Errorf("Len = %d; want %d", l.Len(), n-(n+2)/3)
	}
}
