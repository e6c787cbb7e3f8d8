// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/stack"
)

// clusterOptions say which cluster to ask, as kubectl's flags do.
type clusterOptions struct {
	kubeconfig, context, namespace, clusterID string
}

func (o *clusterOptions) register(f *pflag.FlagSet) {
	o.registerWhere(f)
	f.StringVar(&o.clusterID, "cluster-id", "", "the operator's --cluster-id (default: the uid of the namespace kube-system)")
}

// registerWhere adds the flags for commands that need no claim.
func (o *clusterOptions) registerWhere(f *pflag.FlagSet) {
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig file (default: KUBECONFIG or ~/.kube/config)")
	f.StringVar(&o.context, "context", "", "context of the kubeconfig")
	f.StringVarP(&o.namespace, "namespace", "n", "", "namespace (default: the context's)")
}

// cluster is a connection to a cluster; it only reads.
type cluster struct {
	client    client.Client
	namespace string
	id        string
}

func (o clusterOptions) connect(ctx context.Context) (*cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context})
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the cluster (see --kubeconfig and --context): %w", err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	c := &cluster{namespace: o.namespace, id: o.clusterID}
	if c.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	if c.namespace == "" {
		if c.namespace, _, err = loader.Namespace(); err != nil {
			return nil, err
		}
	}
	if c.id == "" {
		if c.id, err = c.namespaceUID(ctx, "kube-system"); err != nil {
			return nil, fmt.Errorf("reading the cluster's id (or give --cluster-id): %w", err)
		}
	}
	return c, nil
}

func (c *cluster) namespaceUID(ctx context.Context, name string) (string, error) {
	namespace := &corev1.Namespace{}
	err := c.client.Get(ctx, client.ObjectKey{Name: name}, namespace)
	return string(namespace.UID), err
}

// object returns a live object, nil if there is none.
func (c *cluster) object(ctx context.Context, namespace, name string) (*v1alpha1.CommentsAPI, error) {
	obj := &v1alpha1.CommentsAPI{}
	err := c.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, obj)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return obj, nil
}

// tenant reads what the operator reads of the object's Namespace: see
// controllers.
func (c *cluster) tenant(ctx context.Context, obj *v1alpha1.CommentsAPI, roleRequired bool) (check.Tenant, stack.Claim, error) {
	namespace := &corev1.Namespace{}
	if err := c.client.Get(ctx, client.ObjectKey{Name: obj.Namespace}, namespace); err != nil {
		return check.Tenant{}, stack.Claim{}, fmt.Errorf("reading namespace %s: %w", obj.Namespace, err)
	}
	own := string(obj.UID)
	if own == "" {
		own = "not-applied-yet"
	}
	return check.TenantOf(obj.Namespace, namespace.Annotations, obj.Spec.Region, roleRequired),
		stack.Claim{ClusterID: c.id, Namespace: obj.Namespace, NamespaceUID: string(namespace.UID), Name: obj.Name, UID: own}, nil
}

// living reports whether the object behind a claim of this cluster exists. What
// may not be looked up is taken for living.
func (c *cluster) living(ctx context.Context, holder stack.Claim) (bool, error) {
	obj, err := c.object(ctx, holder.Namespace, holder.Name)
	if err != nil || obj == nil {
		return apierrors.IsForbidden(err), ignoreForbidden(err)
	}
	uid, err := c.namespaceUID(ctx, holder.Namespace)
	if err != nil {
		return true, ignoreForbidden(err)
	}
	return uid == holder.NamespaceUID, nil
}

func ignoreForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}
