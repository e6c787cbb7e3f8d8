// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func (w *world) moderatorRole() bool {
	w.t.Helper()
	return slices.ContainsFunc(w.roleNames(), func(name string) bool { return strings.Contains(name, "-moderator-") })
}

// TestAModeratorsRoleThatNobodyReportedGoes: the operator dies right after it
// made the role, before a status that tells of it, and the user takes
// moderation back.
func TestAModeratorsRoleThatNobodyReportedGoes(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(*v1alpha1.CommentsAPISpec) {})
	died := errors.New("the operator died")
	d.wrap = func(c client.WithWatch) client.Client {
		return interceptor.NewClient(c, interceptor.Funcs{
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
				if d.moderatorRole() {
					return died
				}
				return c.SubResource(sub).Patch(ctx, o, p, opts...)
			},
		})
	}
	d.restart()
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Moderation = v1alpha1.ModerationBeforeListing })
	for looks := 0; !d.moderatorRole(); looks++ {
		if err := d.step(o); err != nil && !errors.Is(err, died) {
			t.Fatal(err)
		}
		if looks > 80 {
			t.Fatal("no moderator's role comes about")
		}
	}
	d.wrap = nil
	d.restart()
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Moderation = v1alpha1.ModerationNone })
	d.until(o, "the end of the moderator's role", func(*v1alpha1.CommentsAPI) bool { return !d.moderatorRole() })
	o = d.ready(o)
	if o.Status.ModeratorRole != nil {
		t.Errorf("the status still tells of %s", o.Status.ModeratorRole.ARN)
	}
}
