// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/plan"
)

// fastClock runs faster than the world's, so that minutes of grace pass in
// seconds while everything still happens in its order.
type fastClock struct {
	begin  time.Time
	factor time.Duration
}

func (c fastClock) Now() time.Time { return epoch.Add(time.Since(c.begin) * c.factor) }

// slowNature is AWS where it takes its time.
var slowNature = core.Nature{Delays: core.Delays{
	TableUpdate:      core.Duration(2 * time.Second),
	IndexCreate:      core.Duration(30 * time.Second),
	IndexDelete:      core.Duration(20 * time.Second),
	RoleAssumable:    core.Duration(10 * time.Second),
	StagePropagation: core.Duration(20 * time.Second),
}}

// newFastWorld is a world in which a second is factor seconds.
func newFastWorld(t *testing.T, factor time.Duration) *world {
	t.Helper()
	clock := fastClock{time.Now(), factor}
	w := startWorld(t, localaws.Options{Clock: clock, Nature: slowNature})
	w.fast = &clock
	return w
}

// reader asks for a page's comments again and again, until it is stopped.
type reader struct {
	mu       sync.Mutex
	asked    int
	failures []string
	url      string
}

// follow reads the URL until the returned function is called.
func follow(t *testing.T, url, want string) (*reader, func()) {
	t.Helper()
	r := &reader{url: url}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			r.ask(ctx, want)
		}
	}()
	stop := sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return r, stop
}

func (r *reader) ask(ctx context.Context, want string) {
	status, body, err := get(ctx, r.url)
	if ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if err != nil || status != http.StatusOK || !strings.Contains(body, want) {
		r.failures = append(r.failures, fmt.Sprintf("%d %s %v", status, body, err))
	}
}

func get(ctx context.Context, url string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// settleAndPost converges, and stores a comment as soon as the stage serves.
func (s *subject) settleAndPost(t *testing.T) (base string) {
	t.Helper()
	r, _ := s.converge()
	base = s.w.local.InvokeURL(r.Observed.API.ID, s.spec.Stage)
	for deadline := time.Now().Add(30 * time.Second); ; {
		resp, err := http.Post(base+"/comments", "application/json", bytes.NewBufferString(`{"pageId":"p","userName":"Ann","message":"hello"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusCreated {
			return base
		}
		if time.Now().After(deadline) {
			t.Fatalf("POST answers %d", resp.StatusCode)
		}
	}
}

// TestReadersSeeNoGap changes what readers are served from, under them: the
// index is replaced, back and forth, and every GET must find the comment.
func TestReadersSeeNoGap(t *testing.T) {
	w := newFastWorld(t, 60)
	s := w.subject("blog", func(s *v1alpha1.CommentsAPISpec) {
		s.API.Throttling = v1alpha1.ThrottlingSpec{Rate: 10000, Burst: 5000}
	})
	base := s.settleAndPost(t)
	r, stop := follow(t, base+"/comments/p", "hello")
	seen := map[plan.Op]bool{}
	s.onOp = func(op plan.Op) { seen[op] = true }
	for _, order := range []v1alpha1.CommentOrder{v1alpha1.Unordered, v1alpha1.NewestFirst} {
		s.spec.Comments.Order = order
		s.converge()
	}
	s.spec.Comments.PageSize = 7 // a deployment without another index
	s.converge()
	stop()
	if len(r.failures) > 0 {
		t.Errorf("%d of %d GETs failed; the first: %s", len(r.failures), r.asked, r.failures[0])
	}
	for _, op := range []plan.Op{plan.CreateIndex, plan.PutRolePolicy, plan.PointStage, plan.DeleteIndex} {
		if !seen[op] {
			t.Errorf("no %s took place; the test proves nothing", op)
		}
	}
	if r.asked < 100 {
		t.Errorf("%d GETs were made; too few to prove anything", r.asked)
	}
	t.Logf("readers: %d GETs, %d failed", r.asked, len(r.failures))
}

// TestARenamedStageServesBeforeAndAfter: the old stage answers until the new
// one has served for its time of grace, also when the index changes with it,
// which the old stage still reads.
func TestARenamedStageServesBeforeAndAfter(t *testing.T) {
	for name, also := range map[string]change{
		"alone":         keep,
		"and its index": func(s *v1alpha1.CommentsAPISpec) { s.Comments.Order = v1alpha1.Unordered },
	} {
		t.Run(name, func(t *testing.T) { renameStage(t, also) })
	}
}

func renameStage(t *testing.T, also change) {
	w := newFastWorld(t, 300)
	s := w.subject("blog", func(s *v1alpha1.CommentsAPISpec) {
		s.API.Throttling = v1alpha1.ThrottlingSpec{Rate: 10000, Burst: 5000}
	})
	base := s.settleAndPost(t)
	old, stop := follow(t, base+"/comments/p", "hello")
	s.restless = time.Minute // checks go on during the time of grace
	s.spec.Stage = "live"
	also(&s.spec)
	var created time.Time
	s.onOp = func(op plan.Op) {
		switch op {
		case plan.CreateStage:
			created = w.now()
		case plan.DeleteStage:
			if lasted := w.now().Sub(created); lasted < plan.StageGrace {
				t.Errorf("the old stage went %s after the new one came; want at least %s", lasted, plan.StageGrace)
			}
		}
	}
	s.beforeApply = func(p plan.Plan) {
		for _, step := range p.Steps {
			if step.Op == plan.DeleteStage {
				stop() // from here on nobody may rely on it
			}
		}
	}
	result, _ := s.converge()
	stop()
	if created.IsZero() || len(old.failures) > 0 {
		t.Errorf("%d of %d GETs to the old stage failed; the first: %v", len(old.failures), old.asked, old.failures[:min(1, len(old.failures))])
	}
	status, body, err := get(t.Context(), w.local.InvokeURL(result.Observed.API.ID, "live")+"/comments/p")
	if err != nil || status != http.StatusOK || !strings.Contains(body, "hello") {
		t.Errorf("the new stage answers %d %s %v", status, body, err)
	}
	if _, there := result.Observed.API.Stages["prod"]; there {
		t.Error("the old stage is still there")
	}
}
