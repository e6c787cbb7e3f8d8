// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/commentsapi/operator/internal/plan"
)

// Metrics are what the operator counts of its own work. A nil Metrics counts
// nothing.
type Metrics struct {
	corrections *prometheus.CounterVec
	stretch     *prometheus.GaugeVec
}

// NewMetrics registers the metrics and returns them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{stretch: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "commentsapi_drift_check_stretch",
		Help: "By how much the intervals of drift checks are stretched because AWS's request quotas don't carry more, by account and region; 1 is not at all.",
	}, []string{"account", "region"}), corrections: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "commentsapi_corrections_total",
		Help: "Changes made in AWS by somebody else that the operator corrected, by resource and by the operation that corrected them.",
	}, []string{"resource", "reason"})}
	registry.MustRegister(m.corrections, m.stretch)
	return m
}

// stretched notes by how much the checks of a place are stretched.
func (m *Metrics) stretched(at place, factor float64) {
	if m != nil {
		m.stretch.WithLabelValues(at.account, at.region).Set(factor)
	}
}

// emptied ends the series of a place without objects.
func (m *Metrics) emptied(at place) {
	if m != nil {
		m.stretch.DeleteLabelValues(at.account, at.region)
	}
}

// corrected counts one step that undid a change made in AWS.
func (m *Metrics) corrected(step plan.Step) {
	if m != nil {
		m.corrections.WithLabelValues(string(step.Resource), string(step.Op)).Inc()
	}
}
