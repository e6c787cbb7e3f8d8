// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// heartbeat is how often a step that takes long says that it goes on.
const heartbeat = 5 * time.Second

// progress tells a person what is happening. Steps must not run in parallel.
type progress struct {
	out   io.Writer
	every time.Duration
}

// say writes one line.
func (p *progress) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, "local: "+format+"\n", args...)
}

// step announces what do does, says at every heartbeat that it still does it
// (with detail's words, when detail is given), and how long it took when that
// was more than two seconds.
func (p *progress) step(ctx context.Context, label string, detail func() string, do func(context.Context) error) error {
	started := time.Now()
	p.say("%s", label)
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() {
		ticker := time.NewTicker(p.every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				more := ""
				if detail != nil {
					if words := detail(); words != "" {
						more = ": " + words
					}
				}
				p.say("  %.0f s so far%s", time.Since(started).Seconds(), more)
			}
		}
	})
	err := do(ctx)
	close(done)
	ticking.Wait()
	if took := time.Since(started); err == nil && took > 2*time.Second {
		p.say("  done in %.1f s", took.Seconds())
	}
	return err
}
