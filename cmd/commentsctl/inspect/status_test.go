// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// serving is an object all of whose parts are well.
func serving() *v1alpha1.CommentsAPI {
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "blog"},
		Spec: v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: "eu-west-1", Stage: "prod"}}
	o.Status = v1alpha1.CommentsAPIStatus{AccountID: "123456789012", InvokeURL: "https://a1.example/prod",
		Endpoints: &v1alpha1.Endpoints{Post: "https://a1.example/prod/comments", List: "https://a1.example/prod/comments/{pageId}"},
		Table:     &v1alpha1.TableStatus{ARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/blog-comments", IndexName: "pageId-index", PointInTimeRecovery: v1alpha1.Enabled},
		Role:      &v1alpha1.RoleStatus{ARN: "arn:aws:iam::123456789012:role/commentsapi/commentsapi-default-blog-96fe5dae"},
		RestAPI:   &v1alpha1.RestAPIStatus{ID: "a1", DeploymentID: "d1"}, Stage: &v1alpha1.StageStatus{Name: "prod"}}
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced, v1alpha1.ConditionTableReady, v1alpha1.ConditionRoleReady, v1alpha1.ConditionAPIReady} {
		o.Status.Conditions = append(o.Status.Conditions, metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAvailable})
	}
	return o
}

func TestStatusIsDrawnAsATree(t *testing.T) {
	const want = `default/blog  eu-west-1, account 123456789012
✓ Ready   Available
✓ Synced  Available
├─ ✓ table  blog-comments
│      index       pageId-index
│      backups     enabled
├─ ✓ role   commentsapi-default-blog-96fe5dae
└─ ✓ API    a1
       stage       prod
       deployment  d1
       URL         https://a1.example/prod
`
	if diff := cmp.Diff(want, drawStatus(serving(), false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStatusSaysWhatStandsInTheWay(t *testing.T) {
	o := serving()
	o.Status = v1alpha1.CommentsAPIStatus{
		Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonConflict},
			{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonConflict},
			{Type: v1alpha1.ConditionTableReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonConflict},
			{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonConflict, Message: "table blog-comments is somebody else's"},
		},
		Plan: []v1alpha1.PlannedChange{{Resource: "Role", Action: "Create", Field: "path", To: "/commentsapi/"}},
	}
	const want = `default/blog  eu-west-1
✗ Ready   Conflict
✗ Synced  Conflict
├─ ✗ table  blog-comments  Conflict
├─ ? role   (none yet)
└─ ? API    (none yet)

Conflict, a person is needed:
  table blog-comments is somebody else's
  see docs/troubleshooting.md#conflict

still to be changed:
    + Role.path: /commentsapi/
`
	if diff := cmp.Diff(want, drawStatus(o, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o.Status.Conditions = nil
	if out := drawStatus(o, false); !strings.Contains(out, "not looked at it yet") {
		t.Errorf("an object that nobody looked at is drawn as\n%s", out)
	}
}

// Colours come on top: without them the text is the same.
func TestColoursAreForTerminalsOnly(t *testing.T) {
	coloured := drawStatus(serving(), true)
	if !strings.Contains(coloured, "\x1b[32m✓\x1b[0m") {
		t.Errorf("no colours in %q", coloured)
	}
	plain := coloured
	for _, code := range []string{red, green, yellow, faint, "0"} {
		plain = strings.ReplaceAll(plain, "\x1b["+code+"m", "")
	}
	if diff := cmp.Diff(drawStatus(serving(), false), plain); diff != "" {
		t.Errorf("without colours (-want +got):\n%s", diff)
	}
	if paintFor(&bytes.Buffer{}) {
		t.Error("what goes into a buffer is coloured")
	}
}

// inspect runs a command for the planner's object.
func (p *planner) inspect(cmd *cobra.Command, args ...string) (string, error) {
	p.t.Helper()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append([]string{"--kubeconfig", p.kubeconfig, "-n", p.obj.Namespace}, args...))
	err := cmd.ExecuteContext(p.t.Context())
	return out.String(), err
}

func TestStatusAndOpenOfALiveObject(t *testing.T) {
	p := newPlanner(t)
	if _, err := p.inspect(OpenCommand(), "blog"); err == nil || !strings.Contains(err.Error(), "no URL yet") {
		t.Errorf("open of an object without URL: error %v", err)
	}
	p.operate()
	out, err := p.inspect(StatusCommand())
	if err != nil || !strings.Contains(out, "✓ Ready   Available") || !strings.Contains(out, p.obj.Status.RestAPI.ID) {
		t.Errorf("status: error %v, output\n%s", err, out)
	}
	out, err = p.inspect(StatusCommand(), "blog", "-o", "json")
	var states []state
	if err != nil || json.Unmarshal([]byte(out), &states) != nil || len(states) != 1 || states[0].Ready != "True" || states[0].Status.InvokeURL == "" {
		t.Errorf("status -o json: error %v, output\n%s", err, out)
	}
	out, err = p.inspect(OpenCommand(), "blog", "--page", "2026/a b")
	if err != nil || !strings.Contains(out, "'"+p.obj.Status.Endpoints.Post+"'") || !strings.Contains(out, "2026%2Fa%20b'") {
		t.Errorf("open: error %v, output\n%s", err, out)
	}
	for _, c := range []struct {
		cmd  *cobra.Command
		args []string
		want string
	}{
		{StatusCommand(), []string{"nobody"}, "there is no CommentsAPI"},
		{StatusCommand(), []string{"blog", "-A"}, "one namespace"},
		{StatusCommand(), []string{"-o", "xml"}, "xml"},
		{OpenCommand(), []string{"blog", "-o", "xml"}, "xml"},
		{OpenCommand(), nil, "accepts 1 arg"},
	} {
		if _, err := p.inspect(c.cmd, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v; want one that says %q", c.args, err, c.want)
		}
	}
}

func TestSignedCallsWhereTheyMustBe(t *testing.T) {
	o := serving()
	o.Spec.API.Authorization.Post = v1alpha1.AuthorizationIAM
	if line := postLine(o, "p"); !strings.Contains(line, "--aws-sigv4 'aws:amz:eu-west-1:execute-api'") {
		t.Errorf("a post that has to be signed isn't: %s", line)
	}
	if line := listLine(o, "it's"); strings.Contains(line, "sigv4") || !strings.HasSuffix(line, "/it%27s'") {
		t.Errorf("listing needs no signature, and the page's name must stay within the word: %s", line)
	}
}
