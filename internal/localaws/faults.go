// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

// faults holds the faults in force. The zero value has none.
type faults struct {
	mu     sync.Mutex
	lastID int
	list   []*control.Fault
}

// add checks and adds a fault.
func (f *faults) add(fault control.Fault) (control.Fault, error) {
	if !slices.Contains(control.Actions, fault.Action) {
		return fault, fmt.Errorf("action %q: use one of %v", fault.Action, control.Actions)
	}
	if fault.Service != "" && !slices.Contains(serviceNames, fault.Service) {
		return fault, fmt.Errorf("service %q: use one of %v, or leave it out for all", fault.Service, serviceNames)
	}
	if fault.Status != 0 && (fault.Status < 300 || fault.Status > 599) {
		return fault, fmt.Errorf("status %d: use an HTTP status from 300 to 599", fault.Status)
	}
	if fault.Nth < 0 {
		return fault, fmt.Errorf("nth %d: use 1 for the first matching call", fault.Nth)
	}
	if fault.Delay < 0 {
		return fault, fmt.Errorf("delay %s: use a duration of zero or more", fault.Delay.D())
	}
	if fault.Integration && fault.Service != "" && fault.Service != svcDynamoDB {
		return fault, fmt.Errorf("integration with service %q: integrations call %s only; use it or leave service out", fault.Service, svcDynamoDB)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.ID == "" {
		f.lastID++
		fault.ID = "fault-" + strconv.Itoa(f.lastID)
	}
	if slices.ContainsFunc(f.list, func(o *control.Fault) bool { return o.ID == fault.ID }) {
		return fault, fmt.Errorf("id %q: there is already a fault with this id; remove it first or use another id", fault.ID)
	}
	fault.Seen, fault.Applied = 0, 0
	f.list = append(f.list, &fault)
	return fault, nil
}

// remove removes the fault with an id, or all when it is empty. It reports
// whether there was one.
func (f *faults) remove(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.list)
	f.list = slices.DeleteFunc(f.list, func(o *control.Fault) bool { return id == "" || o.ID == id })
	return id == "" || len(f.list) < before
}

// all returns copies of the faults.
func (f *faults) all() []control.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]control.Fault, 0, len(f.list))
	for _, fault := range f.list {
		out = append(out, *fault)
	}
	return out
}

// match counts the call for every fault that matches it and returns the first
// whose turn it is.
func (f *faults) match(e control.Request) *control.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var chosen *control.Fault
	for _, fault := range f.list {
		if !matches(fault, e) {
			continue
		}
		fault.Seen++
		times := fault.Times
		if times == 0 {
			times = 1
		}
		if chosen == nil && fault.Seen >= max(fault.Nth, 1) && (times < 0 || fault.Applied < times) {
			fault.Applied++
			c := *fault
			chosen = &c
		}
	}
	return chosen
}

func matches(f *control.Fault, e control.Request) bool {
	return (f.Service == "" || f.Service == e.Service) &&
		(f.Operation == "" || policy.Glob(f.Operation, e.Operation)) &&
		(f.AccountID == "" || f.AccountID == e.AccountID) &&
		(f.Region == "" || f.Region == e.Region) &&
		(f.Resource == "" || strings.Contains(e.Resource, f.Resource)) &&
		(!f.Writes || e.Write) && f.Integration == e.Integration
}

// refusalOf is the error a fault answers with.
func refusalOf(f *control.Fault, service string) *refusal {
	out := failure(service)
	if f.Action == control.Refuse {
		out = throttled(service, "")
	}
	if f.Status != 0 {
		out.status = f.Status
		if f.Code == "" && f.Status >= 500 {
			out.code = map[int]string{http.StatusServiceUnavailable: "ServiceUnavailableException"}[f.Status]
			if out.code == "" {
				out.code = failure(service).code
			}
		}
	}
	if f.Code != "" {
		out.code = f.Code
	}
	if f.Message != "" {
		out.message = f.Message
	}
	out.retryAfter = f.RetryAfter
	return out
}
