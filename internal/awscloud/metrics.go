// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"net"
	"regexp"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Call is one attempt of an AWS call that went out on the wire.
type Call struct {
	Service, Operation string
	Region, AccountID  string
	// Key and Priority are those of the caller's context.
	Key      string
	Priority Priority
	// Attempt counts from 1.
	Attempt  int
	Start    time.Time
	Duration time.Duration
	// Code is "OK", AWS's error code, or a word for what happened instead:
	// Timeout, Canceled, Connection, Malformed.
	Code string
	Err  error
}

// maxCodes bounds the values of the label "code": what stands between the
// operator and AWS may answer anything.
const maxCodes = 100

type metrics struct {
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	wait     *prometheus.HistogramVec

	mu    sync.Mutex
	codes map[string]bool
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{codes: map[string]bool{}}
	m.calls = register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "commentsapi_aws_calls_total",
		Help: "Attempts of AWS calls that went out, retries included, by service, operation and result code (OK, or AWS's error code).",
	}, []string{"service", "operation", "code"}))
	m.duration = register(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "commentsapi_aws_call_duration_seconds",
		Help:    "Duration of single attempts of AWS calls, without the wait for a request quota.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"service", "operation"}))
	m.wait = register(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "commentsapi_aws_pacer_wait_seconds",
		Help:    "Wait that AWS's request quotas put before a call: time blocked, or the time after which the caller was told to come back.",
		Buckets: []float64{.001, .1, .5, 1, 2.5, 5, 15, 30, 60, 300, 1800},
	}, []string{"operation", "priority"}))
	return m
}

// register makes do with what an earlier Factory of the process registered.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	err := r.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing
		}
	}
	if err != nil {
		panic("awscloud: a metric can't be registered: " + err.Error())
	}
	return c
}

func (m *metrics) called(c Call) {
	m.calls.WithLabelValues(c.Service, c.Operation, m.label(c.Code)).Inc()
	m.duration.WithLabelValues(c.Service, c.Operation).Observe(c.Duration.Seconds())
}

func (m *metrics) waited(bucket string, p Priority, d time.Duration) {
	m.wait.WithLabelValues(operationOf(bucket), p.String()).Observe(d.Seconds())
}

var codePattern = regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`)

func (m *metrics) label(code string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.codes[code] {
		return code
	}
	if !codePattern.MatchString(code) || len(m.codes) >= maxCodes {
		return "Other"
	}
	m.codes[code] = true
	return code
}

// codeOf is the result of an attempt as a label.
func codeOf(err error) string {
	if err == nil {
		return "OK"
	}
	e := inspect(err)
	var timeout net.Error
	switch {
	case e.code != "" && e.code != unknownCode:
		return e.code
	case errors.Is(err, context.Canceled):
		return "Canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "Timeout"
	case e.status != 0:
		return "Malformed"
	}
	return "Connection"
}
