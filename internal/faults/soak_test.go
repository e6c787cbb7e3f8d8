// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/api/v1alpha1"
)

var (
	soakTime    = flag.Duration("faults.soak", 0, "how long the soak lasts, by its own clock; 0 leaves it out")
	soakObjects = flag.Int("faults.objects", 200, "how many objects the soak has")
)

const (
	// faultShare is how many of a soak's calls go wrong: 5 %.
	faultShare = 0.05
	// crashShare of the calls end the operator.
	crashShare = 0.0002
	// editEvery is how often some user changes some object.
	editEvery = 4 * time.Second
	// tellEvery is how often the figures are taken.
	tellEvery = 3 * time.Minute
)

// soakFaults are the ways in which its calls go wrong.
var soakFaults = []string{"reset", "lost", "timeout", "timeout-after", "429", "limit", "500", "500-after", "503", "503-after",
	"denied", "expired", "busy", "malformed", "empty", "truncated", "k8s-conflict", "k8s-500", "k8s-lost"}

// soak is a crowd of objects, with users, for a while.
type soak struct {
	w      *world
	random *rand.Rand
	faults []fault
	// calm is when nothing goes wrong any more.
	calm  bool
	calls int
	// due is when the operator looks at each object; a zero time is never.
	due              []time.Time
	incarnations     int
	edits, crashes   int
	figures          []*series
	deleted, created int
}

// TestSoak lets 200 objects live for a while with faults at 5 % of all calls
// and users who change, delete and recreate them. What the operator and AWS
// hold must level off; and when the faults end, each object has its stack, and
// nobody else anything.
func TestSoak(t *testing.T) {
	if *soakTime == 0 {
		t.Skip("the soak takes minutes; run it with make soak")
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, false)
		s := &soak{w: w, random: rand.New(rand.NewPCG(*seed, 4)), due: make([]time.Time, *soakObjects)}
		for _, name := range soakFaults {
			f, _ := faultNamed(name)
			s.faults = append(s.faults, f)
		}
		w.soak = s
		for n := range s.due {
			s.create(n)
		}
		s.live(time.Now().Add(*soakTime))
		s.calm = true
		s.end()
		for _, v := range w.violations {
			t.Error(v)
		}
		fmt.Printf("soak: objects=%d minutes=%.0f calls=%d faults=%d crashes=%d edits=%d deleted=%d violations=%d\n", len(s.due),
			soakTime.Minutes(), s.calls, w.met, s.crashes, s.edits, s.deleted, len(w.violations))
	})
}

// live looks at objects when they are due, lets users act, and takes figures.
func (s *soak) live(until time.Time) {
	edit, tell := time.Now().Add(editEvery), time.Now().Add(tellEvery)
	for time.Now().Before(until) {
		n, at := s.next()
		switch {
		case !edit.After(at) && !edit.After(tell):
			wait(edit)
			s.user()
			edit = edit.Add(editEvery)
		case !tell.After(at):
			wait(tell)
			s.tell()
			tell = tell.Add(tellEvery)
		default:
			wait(at)
			s.look(n)
		}
	}
	if *soakTime >= levelFrom {
		for _, f := range s.figures {
			if said := f.grows(); said != "" {
				s.w.violate("%s", said)
			}
		}
	}
}

func wait(until time.Time) { time.Sleep(time.Until(until)) }

// next is the object that is looked at next.
func (s *soak) next() (n int, at time.Time) {
	at = time.Now().Add(24 * time.Hour)
	for i, due := range s.due {
		if !due.IsZero() && due.Before(at) {
			n, at = i, due
		}
	}
	return n, at
}

func (s *soak) key(n int) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: fmt.Sprintf("blog-%03d", n)}
}

func (s *soak) get(n int) *v1alpha1.CommentsAPI {
	o := &v1alpha1.CommentsAPI{}
	if s.w.k8s.Get(ctx, s.key(n), o) != nil {
		return nil
	}
	return o
}

func (s *soak) create(n int) {
	s.incarnations++
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: s.key(n).Name, Generation: 1,
		UID: types.UID(fmt.Sprintf("uid-%d", s.incarnations)), CreationTimestamp: metav1.Now()},
		Spec: v1alpha1.CommentsAPISpec{TableName: s.key(n).Name, Region: region, Stage: "prod", Mode: v1alpha1.ModeEnforce,
			DriftCheckInterval: "10m", DeletionPolicy: v1alpha1.DeletionPolicy{Table: v1alpha1.TableRetain}}}
	if n%2 == 1 {
		disposable(o)
	}
	if n%3 == 0 {
		keyed(o)
	}
	if err := s.w.k8s.Create(ctx, o); err != nil {
		panic(err)
	}
	s.due[n] = time.Now()
}

// user changes, deletes or recreates some object.
func (s *soak) user() {
	n := s.random.IntN(len(s.due))
	o := s.get(n)
	switch what := s.random.IntN(10); {
	case o == nil:
		s.create(n)
		s.created++
		return
	case !o.DeletionTimestamp.IsZero():
		return
	case what == 0:
		s.deleted++
		if err := s.w.k8s.Delete(ctx, o); err != nil {
			panic(err)
		}
		s.due[n] = time.Now()
		return
	case what < 4:
		o.Spec.Comments.PageSize = 1 + s.random.Int32N(50)
	case what < 7:
		o.Spec.Tags = []v1alpha1.Tag{{Key: "team", Value: fmt.Sprint(s.random.IntN(5))}}
	case what == 7 && o.Spec.API.APIKey != nil:
		keyless(o)
	case what == 7:
		keyed(o)
	default:
		o.Spec.API.Throttling.Rate = 1 + s.random.Int32N(50)
	}
	s.edits++
	o.Generation++
	if err := s.w.k8s.Update(ctx, o); err != nil {
		panic(err)
	}
	s.due[n] = time.Now()
}

// look reconciles one object; a crash is followed by a look at all of them.
func (s *soak) look(n int) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
			s.crashes++
			s.w.restart()
			for i := range s.due {
				s.due[i] = time.Now()
			}
		}
	}()
	result, err := s.w.op.r.Reconcile(s.w.ctx, reconcile.Request{NamespacedName: s.key(n)})
	switch {
	case err != nil:
		s.due[n] = time.Now().Add(time.Second)
	case result.RequeueAfter > 0:
		if result.RequeueAfter < closestLooks {
			s.w.violate("the next look is %s away: a hot loop", result.RequeueAfter)
		}
		s.due[n] = time.Now().Add(result.RequeueAfter)
	default:
		s.due[n] = time.Time{}
		if o := s.get(n); o != nil {
			s.due[n] = time.Now().Add(time.Second) // the watch shows what the last write left
		}
	}
}

// meet lets a call go wrong, or not.
func (s *soak) meet(c call) (*http.Response, error) {
	s.calls++
	if s.calm {
		return c.perform()
	}
	if s.random.Float64() < crashShare {
		panic(crash{})
	}
	if s.random.Float64() >= faultShare {
		return c.perform()
	}
	for {
		if f := s.faults[s.random.IntN(len(s.faults))]; f.fits(c.site) {
			s.w.met++
			return f.meet(s.w, c)
		}
	}
}

// tell takes the figures and prints them.
func (s *soak) tell() {
	s.w.checkCanaries(s.w.logs.String())
	s.w.logs.Reset()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var all holdings
	a, objects := s.w.account(), 0
	for name, one := range s.holdings(a) {
		if !strings.HasPrefix(name, "blog-") {
			continue
		}
		if !one.within(mostInTrouble) {
			s.w.violate("%s holds more than one object needs: %+v", name, one)
		}
		objects++
		all.add(one)
	}
	s.figure("MiB of heap", float64(m.HeapAlloc)/(1<<20), 0.1)
	s.figure("goroutines", float64(runtime.NumGoroutine()), 0)
	for name, n := range map[string]int{"REST APIs": all.apis, "roles": all.roles, "tables": all.tables, "deployments": all.deployments} {
		s.figure(name+" for each object", float64(n)/float64(objects), 0.1)
	}
	s.figure("REST APIs, roles and tables", float64(len(a.apis)+len(a.roles)+len(a.tables)), 0.05)
	wanted := 0
	for n := range s.due {
		if o := s.get(n); o != nil && o.Spec.API.APIKey != nil {
			wanted++
		}
	}
	s.figure("API keys for each one wanted", float64(all.keys)/float64(wanted), 0.1)
	s.figure("usage plans for each one wanted", float64(all.plans)/float64(wanted), 0.1)
	fmt.Printf("%s calls=%d faults=%d crashes=%d edits=%d heapMiB=%.1f goroutines=%d objects=%d apis=%d deployments=%d roles=%d tables=%d keys=%d plans=%d\n",
		time.Now().Format("15:04:05"), s.calls, s.w.met, s.crashes, s.edits, float64(m.HeapAlloc)/(1<<20), runtime.NumGoroutine(),
		objects, all.apis, all.deployments, all.roles, all.tables, all.keys, all.plans)
}

// figure adds a value to a figure of the soak.
func (s *soak) figure(name string, value, most float64) {
	for _, f := range s.figures {
		if f.name == name {
			f.add(value)
			return
		}
	}
	s.figures = append(s.figures, &series{name, []float64{value}, most})
}

// end lets everything settle without faults, and checks what is there.
func (s *soak) end() {
	for n := range s.due {
		if o := s.get(n); o != nil {
			annotate(o, v1alpha1.AnnotationReconcileAt, "end")
			if err := s.w.k8s.Update(ctx, o); err != nil {
				panic(err)
			}
			s.due[n] = time.Now()
		}
	}
	for until := time.Now().Add(30 * time.Minute); time.Now().Before(until); {
		n, at := s.next()
		if at.After(until) {
			break
		}
		wait(at)
		s.look(n)
	}
	have := s.holdings(s.w.account())
	for n := range s.due {
		o, got := s.get(n), have[s.key(n).Name]
		keys := 0
		if o != nil && o.Spec.API.APIKey != nil {
			keys = 1
		}
		switch want := (holdings{1, 1, 1, keys, keys, got.deployments}); {
		case o != nil && (!settled(o) || got != want || !got.within(mostDeployments)):
			s.w.violate("%s holds %+v, want %+v and at most %d deployments; settled: %v", s.key(n).Name, got, want, mostDeployments, settled(o))
		case o == nil && got != holdings{} && (n%2 == 1 || got != holdings{tables: 1}):
			s.w.violate("%s is gone and left %+v", s.key(n).Name, got)
		}
	}
}
