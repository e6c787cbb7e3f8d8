// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/internal/testcluster"
)

// freeAddress is one on loopback that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// token makes a service account and returns a token of it, as Prometheus'
// pod would carry one.
func token(t *testing.T, c client.Client, namespace, name string) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := c.Create(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	request := &authenticationv1.TokenRequest{}
	if err := c.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// scraper gets /metrics from the manager, whose certificate is self-signed.
type scraper struct {
	address string
	client  *http.Client
}

func newScraper(address string) *scraper {
	return &scraper{address: address, client: &http.Client{Timeout: 10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}}
}

func (s *scraper) get(t *testing.T, token string) (status int, body string, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// awaitUp asks until the endpoint answers at all.
func (s *scraper) awaitUp(t *testing.T, w *world) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for {
		_, _, err := s.get(t, "")
		if err == nil {
			return
		}
		select {
		case <-w.gone:
			t.Fatalf("the manager ended: %v", w.err)
		case <-deadline.C:
			t.Fatalf("the metrics endpoint doesn't answer: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// allowMetrics gives an account the ClusterRole for scrapers.
func (w *world) allowMetrics(t *testing.T, namespace, account string) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "metrics-of-" + namespace},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "commentsapi-operator-metrics-reader"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}}}
	if err := w.k8s.Create(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
}

func (w *world) testMetricsAccess(t *testing.T) {
	c := w.k8s
	ns := testcluster.Namespace(t)
	stranger, reader := token(t, c, ns, "stranger"), token(t, c, ns, "reader")
	w.allowMetrics(t, ns, "reader")
	for _, tt := range []struct {
		name, token string
		want        int
	}{
		{"nobody", "", http.StatusUnauthorized},
		{"a token that is none", "nonsense", http.StatusUnauthorized},
		{"a forged token", "eyJhbGciOiJub25lIn0.e30.", http.StatusUnauthorized},
		{"an account without the right", stranger, http.StatusForbidden},
		{"an account with the right", reader, http.StatusOK},
		{"the same again", reader, http.StatusOK},
		{"and then an account without the right", stranger, http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body, err := w.metrics.get(t, tt.token)
			if err != nil {
				t.Fatal(err)
			}
			if status != tt.want {
				t.Errorf("status %d, want %d: %.200s", status, tt.want, body)
			}
			if has := strings.Contains(body, "go_goroutines"); has != (tt.want == http.StatusOK) {
				t.Errorf("metrics in the answer: %v", has)
			}
		})
	}
	t.Run("without TLS", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.metrics.address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d for plain HTTP, want 400", response.StatusCode)
			}
		}
	})
}
