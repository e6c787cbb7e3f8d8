// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package testcluster

import (
	"context"
	"fmt"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/commentsapi/operator/config"
)

// OperatorConfig returns a configuration with the rights that config/rbac gives
// to the operator, and no others, so that a right that is missing there fails
// the tests.
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
	return c
}

// installRights creates what config/ installs besides the operator itself; a
// second time it finds all of it there.
func installRights(t testing.TB) error {
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
	return nil
}
