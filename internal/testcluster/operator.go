// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package testcluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
)

// installed is set when config/rbac is on the server.
var installed struct {
	sync.Mutex
	done bool
}

// asked is what all operators of this process asked the API server for.
var asked = &Record{}

// OperatorConfig returns a configuration with the rights that config/rbac gives
// to the operator, and no others, so that a right that is missing there fails
// the tests: those that rely on it, and the run as a whole where the operator
// only logs the refusal, as it does with events.
func OperatorConfig(t testing.TB) *rest.Config {
	t.Helper()
	c := Config(t)
	if err := installRights(t); err != nil {
		t.Fatal(err)
	}
	c.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + config.Namespace + ":" + config.ServiceAccount,
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + config.Namespace, "system:authenticated"},
	}
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return recorded{next, asked} })
	return c
}

// OperatorClient returns a client with the operator's rights that reads the
// server itself. The manager reads CommentsAPIs from a cache that lists and
// watches them, and may not get a single one, so this lists too.
func OperatorClient(t testing.TB) client.WithWatch {
	t.Helper()
	c, err := newClient(OperatorConfig(t))
	if err != nil {
		t.Fatalf("make a client: %v", err)
	}
	return interceptor.NewClient(c, interceptor.Funcs{Get: getByList})
}

func getByList(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	obj, ok := o.(*v1alpha1.CommentsAPI)
	if !ok {
		return c.Get(ctx, key, o, opts...)
	}
	list := &v1alpha1.CommentsAPIList{}
	if err := c.List(ctx, list, client.InNamespace(key.Namespace), client.MatchingFields{"metadata.name": key.Name}); err != nil {
		return err
	}
	if len(list.Items) == 0 {
		return apierrors.NewNotFound(v1alpha1.GroupVersion.WithResource("commentsapis").GroupResource(), key.Name)
	}
	list.Items[0].DeepCopyInto(obj)
	obj.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CommentsAPI"))
	return nil
}

// installRights creates what config/ installs besides the operator itself; a
// second time it finds all of it there.
func installRights(t testing.TB) error {
	installed.Lock()
	defer installed.Unlock()
	if installed.done {
		return nil
	}
	objects, err := config.Installation()
	if err != nil {
		return err
	}
	for _, obj := range objects {
		if obj.GetKind() == "Deployment" {
			continue
		}
		if err := Client(t).Create(context.Background(), obj); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("%s %s: %w", obj.GetKind(), obj.GetName(), err)
		}
	}
	installed.done = true
	return nil
}
