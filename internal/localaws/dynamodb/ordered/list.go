// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ordered is a sorted map from text to values that stays quick with
// many entries: insertion and removal touch one small chunk, and iteration
// starts anywhere in either direction.
package ordered

import "sort"

// chunkSize is where a chunk is split; halves keep the average fill good for
// random and for ascending insertions alike.
const chunkSize = 256

type entry[V any] struct {
	key   string
	value V
}

// List is a sorted map. The zero List is empty. It is not safe for concurrent
// use.
type List[V any] struct {
	chunks [][]entry[V]
	n      int
}

// Len is the number of entries.
func (l *List[V]) Len() int { return l.n }

// chunkFor returns the last chunk that begins at or before key.
func (l *List[V]) chunkFor(key string) int {
	i := sort.Search(len(l.chunks), func(i int) bool { return l.chunks[i][0].key > key })
	return max(i-1, 0)
}

// find returns where key is, or where it would be inserted.
func (l *List[V]) find(key string) (chunk, at int, ok bool) {
	if len(l.chunks) == 0 {
		return 0, 0, false
	}
	chunk = l.chunkFor(key)
	c := l.chunks[chunk]
	at = sort.Search(len(c), func(i int) bool { return c[i].key >= key })
	return chunk, at, at < len(c) && c[at].key == key
}

// Get returns the value of key.
func (l *List[V]) Get(key string) (V, bool) {
	if chunk, at, ok := l.find(key); ok {
		return l.chunks[chunk][at].value, true
	}
	var none V
	return none, false
}

// Set makes v the value of key.
func (l *List[V]) Set(key string, v V) {
	chunk, at, ok := l.find(key)
	if ok {
		l.chunks[chunk][at].value = v
		return
	}
	l.n++
	if len(l.chunks) == 0 {
		l.chunks = append(l.chunks, []entry[V]{{key, v}})
		return
	}
	c := append(l.chunks[chunk], entry[V]{})
	copy(c[at+1:], c[at:])
	c[at] = entry[V]{key, v}
	l.chunks[chunk] = c
	if len(c) > chunkSize {
		l.split(chunk)
	}
}

func (l *List[V]) split(chunk int) {
	c := l.chunks[chunk]
	half := len(c) / 2
	right := make([]entry[V], len(c)-half, chunkSize+1)
	copy(right, c[half:])
	clear(c[half:])
	l.chunks = append(l.chunks, nil)
	copy(l.chunks[chunk+2:], l.chunks[chunk+1:])
	l.chunks[chunk] = c[:half]
	l.chunks[chunk+1] = right
}

// Delete removes key and reports whether it was there.
func (l *List[V]) Delete(key string) bool {
	chunk, at, ok := l.find(key)
	if !ok {
		return false
	}
	l.n--
	c := l.chunks[chunk]
	copy(c[at:], c[at+1:])
	c[len(c)-1] = entry[V]{}
	l.chunks[chunk] = c[:len(c)-1]
	if len(c) == 1 {
		l.chunks = append(l.chunks[:chunk], l.chunks[chunk+1:]...)
	}
	return true
}

// Ascend calls yield for the entries with from <= key, in order, until it
// returns false.
func (l *List[V]) Ascend(from string, yield func(key string, v V) bool) {
	chunk, at, _ := l.find(from)
	for ; chunk < len(l.chunks); chunk, at = chunk+1, 0 {
		for ; at < len(l.chunks[chunk]); at++ {
			if e := l.chunks[chunk][at]; !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Descend calls yield for the entries with key < before, in reverse order,
// until it returns false.
func (l *List[V]) Descend(before string, yield func(key string, v V) bool) {
	chunk, at, _ := l.find(before)
	for at--; chunk >= 0 && chunk < len(l.chunks); {
		for ; at >= 0; at-- {
			if e := l.chunks[chunk][at]; !yield(e.key, e.value) {
				return
			}
		}
		if chunk--; chunk >= 0 {
			at = len(l.chunks[chunk]) - 1
		}
	}
}
