// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/commentsapi/operator/config"
)

// install creates the objects that are installed with the operator and
// returns the path of the operator's own kubeconfig. It has the rights of
// config/rbac and no others, so that a missing right shows here and not first
// in somebody's cluster.
func (e *Environment) install(ctx context.Context) (string, error) {
	objects, err := config.Installation()
	if err != nil {
		return "", err
	}
	c, err := NewClient(e.Config())
	if err != nil {
		return "", err
	}
	for _, obj := range objects {
		// There are no nodes here; the process started next takes its place.
		if obj.GetKind() == "Deployment" {
			continue
		}
		if err := c.Create(ctx, obj); err != nil {
			return "", fmt.Errorf("install %s %s: %w", obj.GetKind(), obj.GetName(), err)
		}
	}
	file, err := e.plane.KubeconfigFor("system:serviceaccount:"+config.Namespace+":"+config.ServiceAccount,
		"system:serviceaccounts", "system:serviceaccounts:"+config.Namespace, "system:authenticated")
	if err != nil {
		return "", err
	}
	path := filepath.Join(e.dir, "operator.kubeconfig")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return "", fmt.Errorf("write the operator's kubeconfig: %w", err)
	}
	return path, nil
}
