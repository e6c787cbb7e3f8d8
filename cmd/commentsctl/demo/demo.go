// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package demo tells the story of one comments API: it serves, it is damaged
// behind the operator's back and corrected, and it goes without taking the
// comments with it.
package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/cmd/commentsctl/local"
)

// page is the page that the demonstration comments on.
const page = "hello-world"

// Options say where to print and how long it may take.
type Options struct {
	// Out receives the story.
	Out io.Writer
	// Limit bounds the whole demonstration.
	Limit time.Duration
}

// teller goes through the story; a scene that fails ends it.
type teller struct {
	out  io.Writer
	env  *local.Environment
	kube client.Client
	aws  *cloud
	key  client.ObjectKey
	left func() time.Duration
}

// Run tells the story on a running environment and ends with "demo: ok". The
// error says which promise was not kept.
func Run(ctx context.Context, env *local.Environment, opts Options) error {
	if len(env.State.Ready) == 0 {
		return fmt.Errorf("the environment has no CommentsAPI that serves; start it with the sample")
	}
	ctx, cancel := context.WithTimeout(ctx, opts.Limit)
	defer cancel()
	kube, err := local.NewClient(env.Config())
	if err != nil {
		return err
	}
	ends := time.Now().Add(opts.Limit)
	t := &teller{
		out: opts.Out, env: env, kube: kube,
		aws:  newCloud(env.State),
		key:  client.ObjectKey{Namespace: env.State.Ready[0].Namespace, Name: env.State.Ready[0].Name},
		left: func() time.Duration { return time.Until(ends) },
	}
	obj := &v1alpha1.CommentsAPI{}
	if err := kube.Get(ctx, t.key, obj); err != nil {
		return fmt.Errorf("get CommentsAPI %s: %w", t.key, err)
	}
	if err := complete(obj); err != nil {
		return err
	}
	for _, scene := range []func(context.Context, *v1alpha1.CommentsAPI) error{t.comments, t.drift, t.deletion} {
		if err := scene(ctx, obj); err != nil {
			if ctx.Err() != nil && t.left() <= 0 {
				return fmt.Errorf("not done within %s: %w", opts.Limit, err)
			}
			return err
		}
	}
	t.say("demo: ok")
	return nil
}

// complete fails when the status of an object that serves doesn't name what it
// owns: the story needs the names.
func complete(obj *v1alpha1.CommentsAPI) error {
	if s := obj.Status; s.Table == nil || s.Role == nil || s.RestAPI == nil || s.InvokeURL == "" {
		return fmt.Errorf("CommentsAPI %s/%s is Ready, but its status lacks the table, the role, the REST API or the invoke URL", obj.Namespace, obj.Name)
	}
	return nil
}

func (t *teller) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format+"\n", args...)
}

// comments posts a comment and lists it.
func (t *teller) comments(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	t.say("\n1. The API serves")
	if err := local.PrintTable(ctx, t.env.Config(), t.out); err != nil {
		return err
	}
	t.say("\n$ %s", local.CurlLines(obj.Status.InvokeURL)[0])
	id, err := post(ctx, obj.Status.InvokeURL, page)
	if err != nil {
		return err
	}
	t.say("201, commentId %s", id)
	t.say("$ %s", local.CurlLines(obj.Status.InvokeURL)[1])
	return t.listed(ctx, obj, id)
}

// listed shows the page's comments, of which one must be id ("" is any).
func (t *teller) listed(ctx context.Context, obj *v1alpha1.CommentsAPI, id string) error {
	comments, err := list(ctx, obj.Status.InvokeURL, page)
	if err != nil {
		return err
	}
	found := false
	for _, c := range comments {
		t.say("200, comment %s: %s says %q", c.CommentID, c.UserName, c.Message)
		found = found || c.CommentID == id || id == ""
	}
	if !found {
		return fmt.Errorf("the comment %s is not among the %d listed", id, len(comments))
	}
	return nil
}

// drift damages the API and the table as somebody in the console could, and
// shows both corrected.
func (t *teller) drift(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	t.say("\n2. Somebody removes the method that lists comments, deploys that, and deletes the table's index")
	if err := t.aws.breakAPI(ctx, obj.Status.RestAPI.ID, obj.Spec.Stage); err != nil {
		return err
	}
	if err := t.aws.deleteIndex(ctx, obj.Spec.TableName, obj.Status.Table.IndexName); err != nil {
		return err
	}
	if _, err := list(ctx, obj.Status.InvokeURL, page); err == nil {
		return fmt.Errorf("the damaged API still lists comments: the demonstration would prove nothing")
	} else {
		t.say("listing comments now fails: %v", err)
	}

	t.say("the operator would see it at its next check; an annotation asks for one now")
	asked := time.Now().UTC().Format(time.RFC3339Nano)
	patch := client.RawPatch("application/merge-patch+json",
		fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.AnnotationReconcileAt, asked))
	if err := t.kube.Patch(ctx, obj.DeepCopy(), patch); err != nil {
		return fmt.Errorf("annotate CommentsAPI %s: %w", t.key, err)
	}
	corrected, err := t.env.WaitFor(ctx, t.kube, t.key, "is corrected", t.left(), func(o *v1alpha1.CommentsAPI) bool {
		return o.Status.LastHandledReconcileAt == asked && local.Ready(o) &&
			meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionSynced)
	})
	if err != nil {
		return err
	}
	if err := complete(corrected); err != nil {
		return err
	}
	status, err := t.aws.indexStatus(ctx, obj.Spec.TableName, corrected.Status.Table.IndexName)
	if err != nil {
		return err
	}
	t.say("corrected: index %s is %s, and the API lists comments again", corrected.Status.Table.IndexName, status)
	*obj = *corrected
	return t.listed(ctx, obj, "")
}

// deletion deletes the object and shows what is left in AWS.
func (t *teller) deletion(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	t.say("\n3. The object is deleted\n$ kubectl delete commentsapi -n %s %s", t.key.Namespace, t.key.Name)
	if err := t.kube.Delete(ctx, obj.DeepCopy()); err != nil {
		return fmt.Errorf("delete CommentsAPI %s: %w", t.key, err)
	}
	if err := t.gone(ctx); err != nil {
		return err
	}
	left, err := t.aws.left(ctx, obj)
	if err != nil {
		return err
	}
	for _, line := range left.lines(obj) {
		t.say("%s", line)
	}
	return left.check(obj)
}

// gone waits until the object is.
func (t *teller) gone(ctx context.Context) error {
	_, err := t.env.WaitFor(ctx, t.kube, t.key, "is gone", t.left(), func(*v1alpha1.CommentsAPI) bool { return false })
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
