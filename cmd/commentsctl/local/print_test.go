// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestWriteTable(t *testing.T) {
	row := func(namespace string, cells ...any) metav1.TableRow {
		return metav1.TableRow{Cells: cells, Object: runtime.RawExtension{
			Raw: []byte(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"namespace":"` + namespace + `"}}`)}}
	}
	table := &metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name"}, {Name: "Ready"}, {Name: "Age"}, {Name: "Reason", Priority: 1}},
		Rows:              []metav1.TableRow{row("web", "blog", "True", "3m", "Available"), row("a-long-namespace", "shop", nil, "1s", nil)},
	}
	var out bytes.Buffer
	if err := writeTable(table, &out); err != nil {
		t.Fatal(err)
	}
	want := `NAMESPACE          NAME   READY   AGE
web                blog   True    3m
a-long-namespace   shop           1s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The lines are pasted into a shell, whatever the URL contains.
func TestCurlLinesSurviveTheShell(t *testing.T) {
	const url = "http://127.0.0.1:1/it's $HOME;`id`"
	for i, want := range []string{url + "/comments", url + "/comments/hello-world"} {
		line := CurlLines(url)[i]
		out, err := exec.Command("sh", "-c", `curl() { for arg; do :; done; printf '%s' "$arg"; }; `+line).Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if string(out) != want {
			t.Errorf("the shell understands %q, want %q", out, want)
		}
	}
}

func TestProgressShowsThatALongStepGoesOn(t *testing.T) {
	out := &transcript{}
	p := &progress{out: out, every: time.Millisecond}
	failure := errors.New("no luck")
	err := p.step(t.Context(), "waiting", func() string { return "Ready=False" }, func(context.Context) error {
		for !strings.Contains(out.String(), "so far: Ready=False") {
			time.Sleep(time.Millisecond)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want the step's own", err)
	}
	if !strings.HasPrefix(out.String(), "local: waiting\n") {
		t.Errorf("the step was not announced: %s", out.String())
	}
}
