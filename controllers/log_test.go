// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// Events are gone after an hour; the log says the same, line by line, under
// keys that the guide names.
func TestTheLogSaysWhatTheEventsSay(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	var out bytes.Buffer
	d.ctx = log.IntoContext(d.ctx, logr.FromSlogHandler(slog.NewJSONHandler(&out, nil)))
	o := d.ready(d.create(d.object("blog")))
	before := out.Len()
	for range 5 {
		_ = d.step(o)
	}
	if out.Len() != before {
		t.Errorf("checks that find nothing say %s", out.String()[before:])
	}
	d.remove(o)
	events := d.recorder.take()

	guide, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var logged []string
	lines := json.NewDecoder(&out)
	for lines.More() {
		line := map[string]any{}
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		text := func(key string) string { value, _ := line[key].(string); return value }
		logged = append(logged, text("type")+" "+text("msg")+" "+text("action")+": "+text("note"))
		for key := range line {
			if !strings.Contains(string(guide), "`"+key+"`") {
				t.Errorf("docs/operations.md doesn't name the key %q of %v", key, line)
			}
		}
	}
	if !slices.Equal(events, logged) || len(with(events, "Normal RolledOut CreateTable: ")) != 1 {
		t.Errorf("the events are\n%s\nand the log says\n%s", strings.Join(events, "\n"), strings.Join(logged, "\n"))
	}
}

// TestTheLogSaysWhenAWSFails, and says it once: nobody has to do anything, so
// that there is no event, and it is over when it is looked for.
func TestTheLogSaysWhenAWSFails(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.recorder.take()
	var out bytes.Buffer
	d.ctx = log.IntoContext(d.ctx, logr.FromSlogHandler(slog.NewJSONHandler(&out, nil)))
	end := d.hamper(control.Fault{Service: "iam", Action: control.Refuse, Status: 503, Code: "ServiceUnavailable", Message: "Service Unavailable"})
	for range 3 {
		_ = d.step(o)
	}
	end()
	d.ready(o)
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), `"msg":"`+v1alpha1.ReasonAWSError+`"`) {
		t.Errorf("IAM was unavailable for three checks, and the log says\n%s", out.String())
	}
	if events := d.recorder.take(); len(events) > 0 {
		t.Errorf("there are events of what ends by itself: %v", events)
	}
}
