// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// scenario is one promise, tried on the object that the one before left.
type scenario struct {
	name string
	play func(context.Context, *v1alpha1.CommentsAPI) error
}

// play goes through all scenarios with one object.
func (w *world) play(ctx context.Context) error {
	obj := w.manifest(v1alpha1.TableRetain)
	scenarios := []scenario{
		{"an object becomes an API that serves", w.rollout},
		{"text comes back as it went", w.text},
		{"what is no comment is refused", w.refusals},
		{"nobody overwrites a comment", w.overwriting},
		{"what somebody breaks is put right", w.drift},
		{"a renamed stage serves, and the old one still does", w.rename},
		{"another order of lists", w.reorder},
		{"the table outlives the object", w.retain},
		{"the object made again finds its comments, and takes them with it when told to", w.again},
	}
	for i, s := range scenarios {
		w.say("%d/%d %s", i+1, len(scenarios), s.name)
		if err := s.play(ctx, obj); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (w *world) manifest(policy v1alpha1.TableDeletionPolicy) *v1alpha1.CommentsAPI {
	return &v1alpha1.CommentsAPI{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "blog"},
		Spec: v1alpha1.CommentsAPISpec{
			TableName: w.prefix + "-comments", Region: w.region, Stage: "e2e",
			DeletionPolicy: v1alpha1.DeletionPolicy{Table: policy},
		},
	}
}

func ready(o *v1alpha1.CommentsAPI) bool {
	return o.Status.ObservedGeneration == o.Generation && meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady)
}

func settled(o *v1alpha1.CommentsAPI) bool {
	return ready(o) && meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionSynced)
}

func (w *world) rollout(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	if err := w.kube.Create(ctx, obj); err != nil {
		return err
	}
	if err := w.waitFor(ctx, obj, "is Ready", ready); err != nil {
		return err
	}
	w.say("invoke URL: %s", obj.Status.InvokeURL)
	return nil
}

// hostile texts would break a template that only pastes them.
var hostile = []string{
	"First!", `"}, "x": {"S": "`, `\`, `\"`, `'; $util.parseJson("{}") #set($x = 1)`, "line\nbreak\ttab",
	"\u2028\u2029\u0000", "日本語 🙂 𝒳", "${AWS::AccountId}", "<script>alert(1)</script>", "$input.json('$')",
}

func (w *world) text(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	visitor := visitor{obj.Status.InvokeURL}
	want := map[string]string{}
	for _, text := range hostile {
		id, err := visitor.post(ctx, "texts", text)
		if err != nil {
			return err
		}
		want[id] = text
	}
	// The index is eventually consistent (aws-facts H7).
	err := w.until(ctx, "every comment is listed", func() (bool, string, error) {
		got, err := visitor.list(ctx, "texts")
		return len(got) == len(want), fmt.Sprintf("%d of %d", len(got), len(want)), err
	})
	if err != nil {
		return err
	}
	got, err := visitor.list(ctx, "texts")
	for _, c := range got {
		if c.Message != want[c.CommentID] || c.UserName != want[c.CommentID] {
			return fmt.Errorf("sent %q, listed %q by %q", want[c.CommentID], c.Message, c.UserName)
		}
	}
	return err
}

func (w *world) refusals(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	item := `{"pageId":"refused","userName":"a","message":"b"}`
	cases := []struct {
		name, method, path, body string
		header                   map[string]string
		want                     int
	}{
		{"another content type", http.MethodPost, "/comments", item, map[string]string{"Content-Type": "text/plain"}, http.StatusUnsupportedMediaType},
		{"no JSON", http.MethodPost, "/comments", `{`, nil, http.StatusBadRequest},
		{"a missing field", http.MethodPost, "/comments", `{"pageId":"refused","userName":"a"}`, nil, http.StatusBadRequest},
		{"a number for a text", http.MethodPost, "/comments", `{"pageId":"refused","userName":"a","message":1}`, nil, http.StatusBadRequest},
		{"a page id that URLs garble", http.MethodPost, "/comments", `{"pageId":"a b","userName":"a","message":"b"}`, nil, http.StatusBadRequest},
		{"a forged cursor", http.MethodGet, "/comments/texts?cursor=%22%7D", "", nil, http.StatusBadRequest},
		// API Gateway takes it for a call without a token (aws-facts F4).
		{"no such route", http.MethodGet, "/nothing", "", nil, http.StatusForbidden},
	}
	for _, c := range cases {
		status, answer, err := visitor{obj.Status.InvokeURL}.send(ctx, c.method, c.path, c.body, c.header)
		if err != nil {
			return err
		}
		if status != c.want {
			return fmt.Errorf("%s: answer %d, want %d: %s", c.name, status, c.want, answer)
		}
		shape := struct{ Code, Message string }{}
		if err := json.Unmarshal(answer, &shape); err != nil || shape.Code == "" || shape.Message == "" {
			return fmt.Errorf("%s: the answer has no code and message: %s", c.name, answer)
		}
	}
	return nil
}

// overwriting chooses the id of a comment that exists (aws-facts E4).
func (w *world) overwriting(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	visitor := visitor{obj.Status.InvokeURL}
	id, err := visitor.post(ctx, theirs, "mine")
	if err != nil {
		return err
	}
	status, answer, err := visitor.send(ctx, http.MethodPost, "/comments", `{"pageId":"theirs","userName":"x","message":"overwritten"}`,
		map[string]string{"x-amzn-RequestId": id})
	if err != nil {
		return err
	}
	if status != http.StatusConflict && status != http.StatusCreated {
		return fmt.Errorf("a chosen request id is answered with %d: %s", status, answer)
	}
	w.say("a chosen request id is answered with %d", status)
	comments, err := visitor.listed(ctx, w, id)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(comments, func(c comment) bool { return c.CommentID == id }); comments[i].Message != "mine" {
		return fmt.Errorf("the comment %s was overwritten: %q", id, comments[i].Message)
	}
	return nil
}

// drift removes a method, deploys that, and takes the role's rights.
func (w *world) drift(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	if err := w.cloud.breakAPI(ctx, obj.Status.RestAPI.ID, obj.Spec.Stage); err != nil {
		return err
	}
	if err := w.cloud.breakRole(ctx, obj.Status.Role.ARN); err != nil {
		return err
	}
	if err := w.askForACheck(ctx, obj); err != nil {
		return err
	}
	_, err := visitor{obj.Status.InvokeURL}.listed(ctx, w, "")
	return err
}

func (w *world) askForACheck(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	asked := time.Now().UTC().Format(time.RFC3339Nano)
	before := obj.DeepCopy()
	meta := obj.GetAnnotations()
	if meta == nil {
		meta = map[string]string{}
	}
	meta[v1alpha1.AnnotationReconcileAt] = asked
	obj.SetAnnotations(meta)
	if err := w.kube.Patch(ctx, obj, client.MergeFrom(before)); err != nil {
		return err
	}
	return w.waitFor(ctx, obj, "is corrected", func(o *v1alpha1.CommentsAPI) bool {
		return o.Status.LastHandledReconcileAt == asked && settled(o)
	})
}

func (w *world) rename(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	old := visitor{obj.Status.InvokeURL}
	before := obj.DeepCopy()
	obj.Spec.Stage = "renamed"
	if err := w.kube.Patch(ctx, obj, client.MergeFrom(before)); err != nil {
		return err
	}
	if err := w.waitFor(ctx, obj, "serves under its new stage", ready); err != nil {
		return err
	}
	if old.base == obj.Status.InvokeURL {
		return fmt.Errorf("the invoke URL is still %s", old.base)
	}
	for _, v := range []visitor{{obj.Status.InvokeURL}, old} {
		if _, err := v.listed(ctx, w, ""); err != nil {
			return err
		}
	}
	return nil
}

// tick is time enough for a comment to be newer than the last: createdAt counts
// milliseconds, and comments of the same one are in no order.
const tick = 5 * time.Millisecond

func (w *world) reorder(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	visitor := visitor{obj.Status.InvokeURL}
	first, err := visitor.post(ctx, "order", "first")
	if err != nil {
		return err
	}
	time.Sleep(tick)
	second, err := visitor.post(ctx, "order", "second")
	if err != nil {
		return err
	}
	before := obj.DeepCopy()
	obj.Spec.Comments.Order = v1alpha1.NewestFirst
	if err := w.kube.Patch(ctx, obj, client.MergeFrom(before)); err != nil {
		return err
	}
	if err := w.waitFor(ctx, obj, "is Ready", ready); err != nil {
		return err
	}
	// A new deployment reaches clients with a delay that AWS doesn't state
	// (aws-facts A4).
	return w.until(ctx, "the newest comment comes first", func() (bool, string, error) {
		got, err := visitor.list(ctx, "order")
		return len(got) == 2 && got[0].CommentID == second && got[1].CommentID == first, fmt.Sprint(got), err
	})
}

func (w *world) retain(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	gone := obj.DeepCopy()
	if err := w.kube.Delete(ctx, obj); err != nil {
		return err
	}
	if err := w.waitGone(ctx, obj); err != nil {
		return err
	}
	return w.cloud.expect(ctx, gone, true)
}

func (w *world) again(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	*obj = *w.manifest(v1alpha1.TableDelete)
	if err := w.rollout(ctx, obj); err != nil {
		return err
	}
	if _, err := (visitor{obj.Status.InvokeURL}).listed(ctx, w, ""); err != nil {
		return err
	}
	gone := obj.DeepCopy()
	if err := w.kube.Delete(ctx, obj); err != nil {
		return err
	}
	if err := w.waitGone(ctx, obj); err != nil {
		return err
	}
	return w.cloud.expect(ctx, gone, false)
}
