// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares what a command printed with what is under review.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil { //nolint:gosec // sources are readable
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // sources are readable
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./cmd/commentsctl/inspect -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test ./cmd/commentsctl/inspect -update):\n%s", path, diff)
	}
}

// What differs from run to run, beside the names that steady knows.
var (
	hashes  = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	short   = regexp.MustCompile(`("to": ")[0-9a-f]{12}"`)
	roles   = regexp.MustCompile(`(commentsapi-NAMESPACE-blog-)[0-9a-f]{8}`)
	moments = regexp.MustCompile(`\b20\d\d-\d\d-\d\dT[0-9:.]+Z`)
	nonces  = regexp.MustCompile(`("(?:nonce|commentsapi.io/nonce)": ")[^"]+`)
)

// steady writes names for what differs from run to run.
func (p *planner) steady(text string) string {
	p.t.Helper()
	o := p.obj
	names := []string{string(o.UID), "UID", o.Namespace, "NAMESPACE", p.namespaceUID(), "NAMESPACE-UID"}
	if o.Status.RestAPI != nil {
		names = append(names, o.Status.RestAPI.ID, "API", o.Status.RestAPI.DeploymentID, "DEPLOYMENT")
	}
	text = strings.NewReplacer(names...).Replace(text)
	text = hashes.ReplaceAllString(text, "SHA256")
	text = short.ReplaceAllString(text, `${1}SHA256"`)
	text = roles.ReplaceAllString(text, "${1}HASH")
	text = moments.ReplaceAllString(text, "TIME")
	return nonces.ReplaceAllString(text, "${1}NONCE")
}

func (p *planner) namespaceUID() string {
	p.t.Helper()
	c := &cluster{client: testcluster.Client(p.t)}
	uid, err := c.namespaceUID(p.t.Context(), p.obj.Namespace)
	if err != nil {
		p.t.Fatal(err)
	}
	return uid
}

// Programs read what -o json prints: a change of it shows here.
func TestOutputsForPrograms(t *testing.T) {
	p := newPlanner(t)
	out, err := p.plan("--name", "blog", "-o", "json")
	if !errors.Is(err, ErrChanges) {
		t.Fatalf("plan of a new object: %v", err)
	}
	golden(t, "plan-new.json", p.steady(out))
	p.operate()
	out, err = p.plan("--name", "blog", "-o", "json")
	if err != nil {
		t.Fatalf("plan of a settled object: %v", err)
	}
	golden(t, "plan-settled.json", p.steady(out))
	if out, err = p.inspect(StatusCommand(), "-o", "json"); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.json", p.steady(out))
	for _, output := range []string{"json", "text"} {
		if out, err = p.inspect(OpenCommand(), "blog", "--page", "2026/a b", "-o", output); err != nil {
			t.Fatal(err)
		}
		golden(t, "open."+output, p.steady(out))
	}
	p.obj.Spec.Stage, p.obj.Spec.Table.PointInTimeRecovery = "live", v1alpha1.Disabled
	if err := testcluster.Client(t).Update(t.Context(), p.obj); err != nil {
		t.Fatal(err)
	}
	if out, err = p.plan("--name", "blog", "-o", "json"); !errors.Is(err, ErrChanges) {
		t.Fatalf("plan of an edited object: %v", err)
	}
	golden(t, "plan-edited.json", p.steady(out))
}

// What is moderated has a second role, which render shows with the rest.
func TestRenderShowsTheModeratorRole(t *testing.T) {
	moderated := strings.Replace(blog, "  stage: prod\n", "  stage: prod\n  comments: {moderation: BeforeListing}\n", 1)
	part, err := runRender(t, moderated, "--only", "moderator-role", "--account", "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "render-moderator-role.yaml", part)
	whole, err := runRender(t, moderated, "--account", "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	all, alone := map[string]any{}, map[string]any{}
	if err := errors.Join(yaml.Unmarshal([]byte(whole), &all), yaml.Unmarshal([]byte(part), &alone)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(alone), all["moderatorRole"]); diff != "" {
		t.Errorf("of the whole stack (-alone +whole):\n%s", diff)
	}
	if _, err := runRender(t, blog, "--only", "moderator-role"); err == nil || !strings.Contains(err.Error(), "spec.comments.moderation") {
		t.Errorf("without moderation: error %v; want one that names the field", err)
	}
	if whole, err = runRender(t, blog); err != nil || strings.Contains(whole, "moderatorRole") {
		t.Errorf("without moderation: error %v; output\n%s", err, whole)
	}
}
