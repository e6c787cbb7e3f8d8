// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"net/http"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// aside lets another operator act in the middle of a call: the one that makes
// the call is stopped meanwhile, and both go on with what they remember.
func (w *world) aside(act func()) {
	mine, calls, atStart, object := w.op, w.inv.calls, w.inv.atStart, w.inv.object
	if w.rival == nil || w.rival == w.op {
		w.rival = w.newOperator()
	}
	w.op = w.rival
	act()
	w.rival, w.op = w.op, mine
	w.inv.calls, w.inv.atStart, w.inv.object, w.inv.shared = calls, atStart, object, true
	w.inv.now = w.account()
}

// rivalLooks lets another operator reconcile before the call.
func (w *world) rivalLooks(c call) (*http.Response, error) {
	w.aside(func() { w.look() })
	return w.perform(c)
}

// rivalLooksAfter lets another operator reconcile before the call's answer
// arrives.
func (w *world) rivalLooksAfter(c call) (*http.Response, error) {
	resp, err := w.perform(c)
	w.aside(func() { w.look() })
	return resp, err
}

// rivalSettles lets another operator do all there is to do, and more than a
// minute pass, before the call: the one that makes it was paused, lost its
// lease, and goes on late.
func (w *world) rivalSettles(c call) (*http.Response, error) {
	w.aside(func() {
		for range mostLooks {
			next := w.look()
			if o := w.live(); o == nil || next == 0 || settled(o) {
				break
			}
			w.wait(next)
		}
		w.pass()
	})
	return w.perform(c)
}

// duet is two operators that reconcile at the same time, call by call.
type duet struct {
	first, second *operator
	over          map[*operator]bool
	ended         chan struct{}
}

// lockstep begins a duet after the call.
func (w *world) lockstep(c call) (*http.Response, error) {
	if w.duet != nil {
		return w.perform(c)
	}
	d := &duet{first: w.op, second: w.newOperator(), over: map[*operator]bool{}, ended: make(chan struct{})}
	w.duet, w.inv.shared = d, true
	go func() {
		<-d.second.wake
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(crash); !ok {
					panic(p)
				}
			}
			d.over[d.second] = true
			close(d.ended)
			if !d.over[d.first] {
				d.first.wake <- struct{}{}
			}
		}()
		_, _ = d.second.r.Reconcile(w.ctx, reconcile.Request{NamespacedName: key}) // what it did is checked
	}()
	return w.perform(c)
}

// yield gives the other operator of a duet its turn, and waits for the next
// one of its own.
func (d *duet) yield(me *operator) {
	if d == nil || me != d.first && me != d.second {
		return // alone, or a third one that acts aside
	}
	other := d.first
	if me == d.first {
		other = d.second
	}
	if !d.over[other] {
		other.wake <- struct{}{}
		<-me.wake
	}
}

// end lets the second operator of a duet finish, after the first one has.
func (d *duet) end(w *world) {
	if d == nil || w.op != d.first {
		return
	}
	d.over[d.first] = true
	if !d.over[d.second] {
		d.second.wake <- struct{}{}
	}
	<-d.ended
	w.duet = nil
}

// checkHidden checks what becomes of an object of which a list kept a REST API,
// API key or usage plan back at the one moment when nothing else told of it: a
// second one is made, the first is removed or reported, and deletion removes
// both.
func (w *world) checkHidden() {
	if !w.hidden {
		return
	}
	a, o := w.account(), w.live()
	for path, ids := range map[string][]string{"/restapis": a.claimedAPIs(), "/apikeys": a.claimedKeys(), "/usageplans": a.claimedPlans()} {
		for _, id := range ids {
			if o == nil || recordedIn(o, path) == id {
				continue
			}
			if !reported(w.logs.String(), id) {
				w.violate("a further one of %s with the claim is neither removed nor reported", path)
			}
		}
	}
	if o != nil {
		w.delete()
		time.Sleep(time.Minute)
		w.vanish()
	}
}

// reported finds a warning that names a further resource.
func reported(logs, id string) bool {
	for line := range strings.Lines(logs) {
		if strings.HasPrefix(line, "event Warning DuplicateAPI Check: ") && strings.Contains(line, id) {
			return true
		}
	}
	return false
}
