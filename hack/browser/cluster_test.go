// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// kubernetes calls the API server of the local run and decodes its answer.
func kubernetes(t *testing.T, method, path, body string, into any) {
	t.Helper()
	text, err := os.ReadFile(world.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Cert []byte `json:"client-certificate-data"`
				Key  []byte `json:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(config.Users[0].User.Cert, config.Users[0].User.Key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), method, config.Clusters[0].Cluster.Server+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", method, path, answer.Status, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
}

// apply creates a CommentsAPI with a further part of a spec and returns its
// invoke URL once it serves.
func apply(t *testing.T, name, spec string) string {
	t.Helper()
	const path = "/apis/commentsapi.io/v1alpha1/namespaces/default/commentsapis"
	kubernetes(t, http.MethodPost, path, fmt.Sprintf(`{"apiVersion":"commentsapi.io/v1alpha1","kind":"CommentsAPI","metadata":{"name":%q},
		"spec":{"tableName":%q,"region":"eu-west-1","stage":"prod",%s}}`, name, name, spec), nil)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var object struct {
			Status struct {
				InvokeURL  string
				Conditions []struct{ Type, Status string }
			}
		}
		kubernetes(t, http.MethodGet, path+"/"+name, "", &object)
		for _, condition := range object.Status.Conditions {
			if condition.Type == "Ready" && condition.Status == "True" {
				return object.Status.InvokeURL
			}
		}
	}
	t.Fatalf("%s does not serve within a minute", name)
	return ""
}

// serveSite runs commentsctl site for an API until the test ends and returns
// the site's URL.
func serveSite(t *testing.T, api string) string {
	t.Helper()
	cmd := exec.Command(*commentsctl, "site", "--api", api)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("commentsctl site: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// control calls the local AWS's own endpoints.
func control(t *testing.T, method, path, body string) {
	t.Helper()
	request, err := http.NewRequest(method, world.AWSEndpoint+"/_local/"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s %s: %s %s", method, path, answer.Status, text)
	}
}

// nature makes the local AWS behave until the test ends.
func nature(t *testing.T, body string) {
	t.Helper()
	control(t, http.MethodPut, "nature", body)
	t.Cleanup(func() { control(t, http.MethodPut, "nature", "{}") })
}

// fault makes calls fail until the test ends.
func fault(t *testing.T, body string) {
	t.Helper()
	control(t, http.MethodPost, "faults", body)
	t.Cleanup(func() { control(t, http.MethodDelete, "faults", "") })
}
