// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
)

// Leader election, with its events, and the questions that the metrics endpoint asks about its
// callers.
//
// +kubebuilder:rbac:groups=coordination.k8s.io,namespace=commentsapi-system,resources=leases,verbs=create
// +kubebuilder:rbac:groups=coordination.k8s.io,namespace=commentsapi-system,resources=leases,resourceNames=commentsapi-operator.commentsapi.io,verbs=get;update
// +kubebuilder:rbac:groups="",namespace=commentsapi-system,resources=events,verbs=create
// +kubebuilder:rbac:groups=authentication.k8s.io,resources=tokenreviews,verbs=create
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create

// newManager wires the operator.
func newManager(ctx context.Context, s settings) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	shard, err := controllers.ParseShard(s.shard)
	if err != nil {
		return nil, err
	}
	config, err := restConfig(s.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	options := ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cacheOptions(s.watchNamespaces),
		Client:                        clientOptions(s.watchNamespaces),
		Metrics:                       s.metricsOptions(),
		HealthProbeBindAddress:        s.healthAddress,
		LeaderElectionReleaseOnCancel: true,
	}
	var leading *lease
	if s.leaderElect {
		if leading, err = newLease(config, s.leaderNamespace, leaseOf(shard), s.leaseDuration); err != nil {
			return nil, err
		}
		leading.elect(&options)
	}
	m, err := ctrl.NewManager(config, options)
	if err != nil {
		return nil, err
	}
	if err := checkRights(ctx, m.GetClient(), s.watchNamespaces); err != nil {
		return nil, err
	}
	if s.clusterID == "" {
		if s.clusterID, err = clusterID(ctx, m.GetAPIReader()); err != nil {
			return nil, fmt.Errorf("reading the cluster's id from the namespace kube-system: %w; or give --cluster-id", err)
		}
	}
	clouds := s.clouds(shard, leading)
	if err := clouds.Validate(); err != nil {
		return nil, err
	}
	objects, factory := m.GetClient(), awscloud.NewFactory(clouds)
	if leading != nil {
		leading.events.recorder = m.GetEventRecorderFor(leaseOf(shard)) //nolint:staticcheck // what leader election writes to
		leading.quotas.usage = factory.Usage
		objects = fenced{objects, leading.held}
	}
	reconciler := &controllers.Reconciler{
		Client:   objects,
		Recorder: m.GetEventRecorder("commentsapi"),
		Clouds:   factory,
		Metrics:  controllers.NewMetrics(metrics.Registry),
		Options: controllers.Options{
			ClusterID:           s.clusterID,
			RolePath:            s.rolePath,
			PermissionsBoundary: s.permissionsBoundary,
			InvokeURLTemplate:   s.invokeURLTemplate,
			Probe:               s.probe == probeTestInvoke,
			Shard:               shard,

			TableNamePrefix:      s.tablePrefix,
			RequireNamespaceRole: s.namespaceRole,
			WatchNamespaces:      s.watchNamespaces,
		},
	}
	metrics.Registry.MustRegister(controllers.NewCensus(m.GetCache(), shard, m.Elected()), buildInfo())
	if err := reconciler.SetupWithManager(m); err != nil {
		return nil, err
	}
	// Known before the first object asks for its own. An operator that sees only
	// some namespaces may not have the right to list them all.
	if len(s.watchNamespaces) == 0 {
		if _, err := m.GetCache().GetInformer(ctx, &corev1.Namespace{}); err != nil {
			return nil, err
		}
	}
	if err := m.AddHealthzCheck("alive", healthz.Ping); err != nil {
		return nil, err
	}
	return m, addReadiness(m)
}

// clouds is how AWS is called: only while the process leads, if it is elected,
// and from where its predecessor left the quotas.
func (s *settings) clouds(shard controllers.Shard, leading *lease) awscloud.Config {
	c := awscloud.Config{
		QuotaShare:     s.quotaShare * shard.Share(),
		AppID:          "commentsapi-operator",
		AllowedRegions: s.allowedRegions,
		Successor:      true,
		Quotas:         awscloud.ScaleQuotas(awscloud.DefaultQuotas(), s.quotaScale),
		Metrics:        metrics.Registry,
	}
	if leading != nil {
		c.Permit, c.Inherited = leading.held, leading.quotas.inherited
	}
	return c
}

// buildInfo says which version runs; its absence says that none does.
func buildInfo() prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "commentsapi_build_info", Help: "Always 1; the label says which version of the operator runs.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	return info
}

// metricsOptions serve metrics over TLS to callers whose token the API server
// knows and lets get /metrics.
func (s *settings) metricsOptions() metricsserver.Options {
	o := metricsserver.Options{BindAddress: s.metricsAddress}
	if s.metricsSecure {
		o.SecureServing = true
		o.CertDir = s.metricsCertDir
		o.FilterProvider = requireAccess
	}
	return o
}

func restConfig(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return ctrl.GetConfig()
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	// As GetConfig does: the API server's own fairness paces better than
	// client-go's five requests a second.
	config.QPS = -1
	return config, nil
}

func cacheOptions(namespaces []string) cache.Options {
	// Who set which field takes more memory than the fields.
	options := cache.Options{DefaultTransform: cache.TransformStripManagedFields()}
	if len(namespaces) == 0 {
		return options
	}
	watched := map[string]cache.Config{}
	for _, namespace := range namespaces {
		watched[namespace] = cache.Config{}
	}
	options.DefaultNamespaces = watched
	return options
}

// clientOptions read Namespaces one by one where the operator sees only some:
// a Role in a namespace can grant that, while watching Namespaces takes rights
// in the whole cluster.
func clientOptions(namespaces []string) client.Options {
	if len(namespaces) == 0 {
		return client.Options{}
	}
	return client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Namespace{}}}}
}

// clusterID is the uid of the namespace kube-system, which lives as long as
// the cluster.
func clusterID(ctx context.Context, c client.Reader) (string, error) {
	namespace := &corev1.Namespace{}
	if err := c.Get(ctx, client.ObjectKey{Name: "kube-system"}, namespace); err != nil {
		return "", err
	}
	return string(namespace.UID), nil
}
