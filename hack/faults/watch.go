// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// Canaries: what managers print, events and statuses must not hold them.
const (
	secretCanary  = "CANARYSECRETCANARYSECRETCANARYSECRET0000"
	commentCanary = "canary-comment-text"
)

// glance is how often the account is looked at while things go on.
const glance = 100 * time.Millisecond

// watch looks at the account all the time: no object may have two REST APIs,
// not even for a while. The function that it returns ends it and tells what was
// seen.
func (p *place) watch(ctx context.Context) (end func() []string) {
	ctx, cancel := context.WithCancel(ctx)
	seen, done := map[string]bool{}, make(chan struct{})
	go func() {
		defer close(done)
		for sleep(ctx, glance) == nil {
			for name, n := range apisOf(p.local.Snapshot()["apigateway"]) {
				if n > 1 {
					seen[fmt.Sprintf("%s has %d REST APIs in the middle of things", name, n)] = true
				}
			}
		}
	}()
	return func() []string {
		cancel()
		<-done
		return slices.Sorted(maps.Keys(seen))
	}
}

// apisOf counts the REST APIs that carry the claim of each object.
func apisOf(snapshot any) map[string]int {
	out := map[string]int{}
	list := reflect.ValueOf(snapshot.(map[string]any)["restApis"])
	for i := range list.Len() {
		api := list.Index(i).FieldByName("API").Interface().(model.RestAPI)
		if name := api.Tags["commentsapi.io/name"]; name != "" {
			out[name]++
		}
	}
	return out
}

// comment is a visitor's.
func comment(o *v1alpha1.CommentsAPI) error {
	resp, err := http.Post(o.Status.InvokeURL+"/comments", "application/json", //nolint:noctx // the local AWS answers at once
		strings.NewReader(`{"pageId":"page","userName":"visitor","message":"`+commentCanary+`"}`))
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("a comment is answered %s", resp.Status)
	}
	return nil
}

// canaries looks for them in all that the managers printed, in the events and
// in the objects that are left.
func (p *place) canaries(ctx context.Context) (broken []string, err error) {
	look := func(where, text string) {
		for what, canary := range map[string]string{"the operator's secret key": secretCanary, "the text of a comment": commentCanary} {
			if strings.Contains(text, canary) {
				broken = append(broken, fmt.Sprintf("%s shows %s", where, what))
			}
		}
	}
	for n := range p.managers {
		text, err := os.ReadFile(p.logOf(n))
		if err != nil {
			return nil, err
		}
		look(fmt.Sprintf("the log of manager %d", n), string(text))
	}
	for where, list := range map[string]client.ObjectList{"an event": &eventsv1.EventList{}, "an object": &v1alpha1.CommentsAPIList{}} {
		if err := p.k8s.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		look(where, string(text))
	}
	return broken, nil
}
