// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// number gives the operator's next call its site.
func (w *world) number(op string) call {
	if w.soak != nil {
		s := site{op, 0}
		return call{site: s, write: !s.read()}
	}
	w.counts[op]++
	s := site{op, w.counts[op]}
	w.sites = append(w.sites, s)
	if w.states != nil {
		o := w.live()
		if o != nil {
			o.ResourceVersion = ""
		}
		w.states[s] = w.account().picture() + string(must(json.Marshal(o)))
	}
	return call{site: s, write: !s.read()}
}

// meet lets a call happen as the faults of the run have it.
func (w *world) meet(c call) (*http.Response, error) {
	if w.soak != nil {
		return w.soak.meet(c)
	}
	if w.op.doomed {
		return crashes(w, c)
	}
	w.inv.calls++
	for i := range w.inject {
		in := &w.inject[i]
		if in.done || in.At != c.site {
			continue
		}
		in.done = true
		w.met++
		if in.Fault.lasts > 0 {
			w.storms = append(w.storms, stormAt{c.site.Op, time.Now().Add(in.Fault.lasts), in.Fault})
		}
		return in.Fault.meet(w, c)
	}
	for _, s := range w.storms {
		if s.op == c.site.Op && time.Now().Before(s.ends) {
			return s.fault.meet(w, c)
		}
	}
	return w.perform(c)
}

// perform lets the call take effect, and looks at what it did.
func (w *world) perform(c call) (*http.Response, error) {
	if w.soak != nil {
		return c.perform()
	}
	if c.write && c.aws != nil {
		w.inv.beforeWrite(w, c)
	}
	if c.aws != nil && !c.write && time.Now().Before(w.lagEnds) {
		// Like a replica that falls behind: what was seen once stays seen.
		return w.lagging(min(mostLag, time.Since(w.lagFrom)+time.Millisecond), c)
	}
	resp, err := c.perform()
	if c.write {
		if c.site.kubernetes() {
			w.remember()
		}
		w.inv.afterWrite(w, c)
	}
	return resp, err
}

// lagging makes a call to an AWS whose reads trail its writes.
func (w *world) lagging(lag time.Duration, c call) (*http.Response, error) {
	nature := w.aws.Env().Nature()
	late := nature
	late.Lag = map[string]core.Duration{"dynamodb": core.Duration(lag), "iam": core.Duration(lag), "apigateway": core.Duration(lag)}
	w.aws.Env().SetNature(late)
	defer w.aws.Env().SetNature(nature)
	return c.perform()
}

// staleRead shows one reader the state of a moment ago.
func (w *world) staleRead(c call) (*http.Response, error) { return w.lagging(3*time.Second, c) }

// mostLag is how far reads trail in a storm of stale ones.
const mostLag = 20 * time.Second

// staleReads lets all reads trail for a while.
func (w *world) staleReads(c call) (*http.Response, error) {
	w.lagFrom, w.lagEnds = time.Now(), time.Now().Add(storm)
	return w.perform(c)
}

// slowRole lets a role be known to IAM long before it can be assumed
// (aws-facts G4).
func (w *world) slowRole(c call) (*http.Response, error) {
	nature := w.aws.Env().Nature()
	nature.Delays.RoleAssumable = core.Duration(time.Minute)
	w.aws.Env().SetNature(nature)
	return w.perform(c)
}

func (w *world) jump(c call) (*http.Response, error) {
	time.Sleep(time.Hour)
	return w.perform(c)
}

// skew sets the operator's clock apart from AWS's.
func skew(by time.Duration) func(*world, call) (*http.Response, error) {
	return func(w *world, c call) (*http.Response, error) {
		w.skew += by
		return w.perform(c)
	}
}

func (w *world) deleteNow(c call) (*http.Response, error) {
	w.delete()
	return w.perform(c)
}

// recreateNow removes the object by force, and makes another one of the same
// name: the operator never sees that one went, as when watch events collapse.
func (w *world) recreateNow(c call) (*http.Response, error) {
	if o := w.live(); o != nil {
		w.forget()
		w.create(func(next *v1alpha1.CommentsAPI) { next.Spec = o.Spec })
	}
	return w.perform(c)
}

func (w *world) editNow(c call) (*http.Response, error) {
	w.edit(func(o *v1alpha1.CommentsAPI) {
		o.Spec.Tags = append(o.Spec.Tags, v1alpha1.Tag{Key: fmt.Sprintf("edited-%d", len(o.Spec.Tags)), Value: "yes"})
	})
	return w.perform(c)
}

// missPages cuts a list short, and notes whether that hides something of the
// object that its status does not know.
func (w *world) missPages(c call) (*http.Response, error) {
	resp, err := w.perform(c)
	if err != nil {
		return nil, err
	}
	body := readBody(resp)
	var page struct {
		Items    []struct{ ID string } `json:"item"`
		Position string                `json:"position"`
	}
	if json.Unmarshal(body, &page) == nil && page.Position != "" {
		path := c.aws.URL.Path
		if o := w.live(); o != nil && recordedIn(o, path) == "" {
			w.hidden = w.hidden || claimedAfter(w.pages[path+" "+c.aws.URL.Query().Get("keyId")], page.Items[0].ID)
		}
	}
	return answerLike(resp, withoutPosition(body)), nil
}

// recordedIn is the id, of the kind that a list is of, in the object's status.
func recordedIn(o *v1alpha1.CommentsAPI, path string) string {
	switch s := o.Status; {
	case path == "/restapis" && s.RestAPI != nil:
		return s.RestAPI.ID
	case path == "/apikeys" && s.APIKey != nil:
		return s.APIKey.ID
	case path == "/usageplans" && s.UsagePlan != nil:
		return s.UsagePlan.ID
	}
	return ""
}

// claimedAfter reports whether the list goes on with something of the object.
func claimedAfter(list []json.RawMessage, id string) bool {
	seen := false
	for _, item := range list {
		var one struct {
			ID   string            `json:"id"`
			Tags map[string]string `json:"tags"`
		}
		if json.Unmarshal(item, &one) == nil && seen && claimed(one.Tags) {
			return true
		}
		seen = seen || one.ID == id
	}
	return false
}

// withoutPosition makes a page of a list look like the last one.
func withoutPosition(b []byte) []byte {
	var page map[string]json.RawMessage
	if json.Unmarshal(b, &page) != nil {
		return b
	}
	delete(page, "position")
	return must(json.Marshal(page))
}

// watched is the operator's client of the cluster: every call is numbered.
func (w *world) watched(op *operator, c client.WithWatch) client.Client {
	var into *v1alpha1.CommentsAPI
	do := func(name string, perform func() error) error {
		w.duet.yield(op)
		k := w.number("k8s." + name)
		k.into = into
		k.perform = func() (*http.Response, error) { return nil, perform() }
		resp, err := w.meet(k)
		if resp != nil {
			_ = resp.Body.Close()
		}
		return err
	}
	return interceptor.NewClient(c, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			obj, ok := o.(*v1alpha1.CommentsAPI)
			if !ok {
				return do("GetNamespace", func() error { return c.Get(ctx, key, o, opts...) })
			}
			into = obj
			return do("GetCommentsAPI", func() error {
				if time.Now().Before(w.oldGets) {
					return w.old(obj, 5*time.Second)
				}
				return c.Get(ctx, key, o, opts...)
			})
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return do("PatchCommentsAPI", func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return do("PatchStatus", func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// old fills in the object as it was some time ago.
func (w *world) old(into *v1alpha1.CommentsAPI, ago time.Duration) error {
	then := time.Now().Add(-ago)
	for i := len(w.past) - 1; i >= 0; i-- {
		if v := w.past[i]; !v.at.After(then) {
			if v.obj == nil {
				break
			}
			v.obj.DeepCopyInto(into)
			return nil
		}
	}
	return apierrors.NewNotFound(commentsAPIs, objectName)
}

// staleObject shows the operator the version before the present one, as a
// cache does that has not heard of the last write.
func (w *world) staleObject(c call) (*http.Response, error) {
	resp, err := w.perform(c)
	if err != nil || len(w.past) < 2 || w.past[len(w.past)-2].obj == nil {
		return resp, err
	}
	w.past[len(w.past)-2].obj.DeepCopyInto(c.into)
	return resp, err
}

// staleObjects lets the cache trail for a while.
func (w *world) staleObjects(c call) (*http.Response, error) {
	w.oldGets = time.Now().Add(storm)
	return w.perform(c)
}
