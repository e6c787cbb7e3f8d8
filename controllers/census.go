// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// censusTimeout bounds a count, which reads the cache only.
const censusTimeout = 5 * time.Second

// Census counts CommentsAPI objects by condition whenever metrics are read. It
// names no object, so that its size depends on the conditions alone.
type Census struct {
	reader  client.Reader
	shard   Shard
	elected <-chan struct{}
	objects *prometheus.Desc
}

// NewCensus counts what reader, a cache, holds of a shard. Only the elected
// replica counts, so that sums over replicas and shards are right.
func NewCensus(reader client.Reader, shard Shard, elected <-chan struct{}) *Census {
	return &Census{reader: reader, shard: shard, elected: elected, objects: prometheus.NewDesc("commentsapi_objects",
		"CommentsAPI objects by type, status and reason of a condition; each object counts once for each of its conditions.",
		[]string{"type", "status", "reason"}, nil)}
}

// Describe implements prometheus.Collector.
func (c *Census) Describe(to chan<- *prometheus.Desc) { to <- c.objects }

// Collect implements prometheus.Collector.
func (c *Census) Collect(to chan<- prometheus.Metric) {
	select {
	case <-c.elected:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), censusTimeout)
	defer cancel()
	list := &v1alpha1.CommentsAPIList{}
	if err := c.reader.List(ctx, list); err != nil {
		to <- prometheus.NewInvalidMetric(c.objects, err)
		return
	}
	type key struct{ kind, status, reason string }
	counts := map[key]float64{}
	for i := range list.Items {
		if !c.shard.Has(&list.Items[i]) {
			continue
		}
		for _, condition := range list.Items[i].Status.Conditions {
			counts[key{condition.Type, string(condition.Status), condition.Reason}]++
		}
	}
	for k, n := range counts {
		to <- prometheus.MustNewConstMetric(c.objects, prometheus.GaugeValue, n, k.kind, k.status, k.reason)
	}
}
