// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"sync"

	"github.com/commentsapi/operator/internal/localaws/control"
)

// logKept is how many requests the log remembers.
const logKept = 20000

// requestLog is a bounded ring of requests. The zero value is ready.
type requestLog struct {
	mu      sync.Mutex
	entries []control.Request // ring
	next    int               // where the next entry goes once the ring is full
	last    int64             // newest sequence number
	cleared int64             // sequence number at the last reset
}

// add numbers and keeps an entry.
func (l *requestLog) add(e control.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.Seq = l.last
	if len(l.entries) < logKept {
		l.entries = append(l.entries, e)
		return
	}
	l.entries[l.next] = e
	l.next = (l.next + 1) % logKept
}

// since returns the entries after a sequence number, oldest first.
func (l *requestLog) since(seq int64) control.Requests {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := control.Requests{Requests: []control.Request{}, Last: l.last}
	seq = max(seq, l.cleared)
	oldest := l.last - int64(len(l.entries)) + 1
	if seq+1 < oldest {
		out.Dropped = oldest - seq - 1
	}
	for i := range l.entries {
		e := l.entries[(l.next+i)%len(l.entries)]
		if e.Seq > seq {
			out.Requests = append(out.Requests, e)
		}
	}
	return out
}

// reset forgets all entries; sequence numbers go on.
func (l *requestLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.next, l.cleared = nil, 0, l.last
}
