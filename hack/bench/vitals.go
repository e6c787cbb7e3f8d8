// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// watched starts a manager that tells its metrics.
func (s *scene) watched(flags ...string) (*manager, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	m, err := s.operate(append(flags, "--metrics-bind-address="+address, "--metrics-secure=false")...)
	if err == nil {
		m.metrics = "http://" + address + "/metrics"
	}
	return m, err
}

// Of the manager's metrics.
const (
	// heapLive is what the last garbage collection left, in bytes.
	heapLive   = "go_gc_heap_live_bytes"
	reconciles = "controller_runtime_reconcile_total"
	// apiRequests are the API server's.
	apiRequests = "apiserver_request_total"
)

// vital reads one of the manager's metrics, the sum of its series.
func (m *manager) vital(ctx context.Context, name string) (float64, error) {
	text, err := get(ctx, http.DefaultClient, m.metrics)
	if err != nil {
		return 0, fmt.Errorf("read the manager's metrics: %w", err)
	}
	return sum(text, name, nil)
}

// clusterWrites is how often anybody wrote a CommentsAPI, its status, or an
// event to the API server so far.
func (l *lab) clusterWrites(ctx context.Context) (float64, error) {
	config, err := clientcmd.BuildConfigFromFlags("", l.kubeconfig)
	if err != nil {
		return 0, err
	}
	to, err := rest.HTTPClientFor(config)
	if err != nil {
		return 0, err
	}
	text, err := get(ctx, to, config.Host+"/metrics")
	if err != nil {
		return 0, fmt.Errorf("read the API server's metrics: %w", err)
	}
	return sum(text, apiRequests, func(labels string) bool {
		written := slices.ContainsFunc([]string{"POST", "PUT", "PATCH", "APPLY", "DELETE"}, func(verb string) bool { return strings.Contains(labels, `verb="`+verb+`"`) })
		return written && (strings.Contains(labels, `resource="commentsapis"`) || strings.Contains(labels, `resource="events"`))
	})
}

func get(ctx context.Context, from *http.Client, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := from.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return string(text), err
}

// sum adds up the series of a metric in Prometheus' text format whose labels
// are wanted; nil wants all. No series at all is an error unless labels decide.
func sum(text, name string, wanted func(labels string) bool) (float64, error) {
	total, found := 0.0, false
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), name)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		end := strings.LastIndexByte(rest, ' ')
		labels, number := strings.TrimSpace(rest[:end]), rest[end+1:]
		found = true
		if wanted != nil && !wanted(labels) {
			continue
		}
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return 0, fmt.Errorf("the metric %s: %w", name, err)
		}
		total += value
	}
	if !found {
		return 0, fmt.Errorf("there is no metric %s", name)
	}
	return total, nil
}

// resident is a figure of the manager's memory in MiB: VmRSS is what is
// resident now, VmHWM the most that ever was.
func (m *manager) resident(field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the manager's memory, which needs Linux: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc says nothing of %s", field)
}

// ticks is the unit of processor times in /proc, on all of Linux's platforms.
const ticks = 100

// cpu is the processor time that the manager has used, with the kernel's part.
func (m *manager) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the manager's processor time, which needs Linux: %w", err)
	}
	return processorTime(string(text))
}

// processorTime is what a line of /proc/PID/stat says of it.
func processorTime(stat string) (time.Duration, error) {
	// The second field is the command's name, which may have spaces.
	_, rest, _ := strings.Cut(stat, ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the manager's processor time: %q has too few fields", stat)
	}
	used := 0
	for _, field := range fields[11:13] { // utime and stime, the 14th and 15th
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the manager's processor time: %w", err)
		}
		used += n
	}
	return time.Duration(used) * time.Second / ticks, nil
}
