// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

func TestMain(m *testing.M) { testcluster.Run(m) }

// fields are a spec, or part of one, as somebody writes it in YAML.
type fields = map[string]any

// object is a CommentsAPI as written by hand: the required fields, and over
// them the given ones. A nil value removes a field.
func object(namespace string, over fields) *unstructured.Unstructured {
	spec := fields{"tableName": "blog-comments", "region": "eu-west-1", "stage": "prod"}
	for k, v := range over {
		if v == nil {
			delete(spec, k)
			continue
		}
		spec[k] = v
	}
	u := &unstructured.Unstructured{Object: fields{"spec": spec}}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CommentsAPI"))
	u.SetNamespace(namespace)
	u.SetGenerateName("blog-")
	return u
}

// complaints are what the API server says is wrong, as kubectl prints it:
// field and message.
func complaints(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		t.Fatalf("not an answer of the API server about fields: %v", err)
	}
	var said []string
	for _, cause := range status.Status().Details.Causes {
		said = append(said, cause.Field+": "+cause.Message)
	}
	return said
}

// expect compares what the API server says with what a user should read.
func expect(t *testing.T, err error, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, complaints(t, err)); diff != "" {
		t.Errorf("what the user reads (-want +got):\n%s", diff)
	}
}

// create makes the object and reads it back typed.
func create(t *testing.T, c client.Client, u *unstructured.Unstructured) *v1alpha1.CommentsAPI {
	t.Helper()
	if err := c.Create(context.Background(), u); err != nil {
		t.Fatalf("create: %v", err)
	}
	got := &v1alpha1.CommentsAPI{}
	if err := c.Get(context.Background(), client.ObjectKeyFromObject(u), got); err != nil {
		t.Fatalf("read back: %v", err)
	}
	return got
}
