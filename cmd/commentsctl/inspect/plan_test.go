// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/testcluster"
)

func TestMain(m *testing.M) { testcluster.Run(m) }

// planner is a cluster with one CommentsAPI, a local AWS, and the command.
type planner struct {
	t          *testing.T
	obj        *v1alpha1.CommentsAPI
	kubeconfig string
	aws        *control.Client
}

func newPlanner(t *testing.T) *planner {
	local, err := localaws.New(localaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	t.Setenv("AWS_ENDPOINT_URL", local.Endpoint())
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")

	p := &planner{t: t, kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), aws: control.New(local.Endpoint(), nil)}
	if err := os.WriteFile(p.kubeconfig, testcluster.Kubeconfig(t), 0o600); err != nil {
		t.Fatal(err)
	}
	p.obj = &v1alpha1.CommentsAPI{
		ObjectMeta: metav1.ObjectMeta{Namespace: testcluster.Namespace(t), Name: "blog"},
		Spec:       v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: "eu-west-1", Stage: "prod"},
	}
	if err := testcluster.Client(t).Create(t.Context(), p.obj); err != nil {
		t.Fatal(err)
	}
	return p
}

// plan runs the command for the live object.
func (p *planner) plan(args ...string) (string, error) {
	p.t.Helper()
	cmd := PlanCommand()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append([]string{"--kubeconfig", p.kubeconfig, "-n", p.obj.Namespace, "--cluster-id", "test"}, args...))
	err := cmd.ExecuteContext(p.t.Context())
	return out.String(), err
}

// operate lets the operator work until the object is Ready and Synced.
func (p *planner) operate() {
	p.t.Helper()
	c := testcluster.Client(p.t)
	r := &controllers.Reconciler{Client: c, Recorder: events.NewFakeRecorder(100),
		Clouds:  awscloud.NewFactory(awscloud.Config{Quotas: []awscloud.Quota{}}),
		Options: controllers.Options{ClusterID: "test", RolePath: "/commentsapi/", Probe: true, InvokeURLTemplate: "https://{apiId}.example/{stage}"}}
	for range 20 {
		if _, err := r.Reconcile(p.t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(p.obj)}); err != nil {
			p.t.Fatal(err)
		}
		if err := c.Get(p.t.Context(), client.ObjectKeyFromObject(p.obj), p.obj); err != nil {
			p.t.Fatal(err)
		}
		for _, condition := range p.obj.Status.Conditions {
			if condition.Type == v1alpha1.ConditionSynced && condition.Status == metav1.ConditionTrue {
				return
			}
		}
	}
	p.t.Fatal("the object did not settle")
}

func TestPlanShowsWhatTheOperatorWouldDo(t *testing.T) {
	p := newPlanner(t)
	out, err := p.plan("--name", "blog")
	if !errors.Is(err, ErrChanges) {
		t.Errorf("error %v; want %v, for exit code 2", err, ErrChanges)
	}
	for _, want := range []string{"in account 123456789012, eu-west-1", "CreateTable blog-comments", "CreateRole", "CreateAPI", "CreateStage prod"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	requests, err := p.aws.Requests(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests.Requests {
		if r.Write {
			t.Errorf("planning wrote to AWS: %s %s", r.Service, r.Operation)
		}
	}
}

func TestPlanOfASettledObjectIsEmptyAndOfAnEditedManifestIsTheEdit(t *testing.T) {
	p := newPlanner(t)
	p.operate()
	out, err := p.plan("--name", "blog")
	if err != nil || !strings.Contains(out, "nothing to do") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
	manifest := filepath.Join(t.TempDir(), "blog.yaml")
	edited := strings.Replace(strings.Replace(blog, "cn-north-1", "eu-west-1", 1), "  stage: prod\n", "  stage: prod\n  table: {pointInTimeRecovery: Disabled}\n", 1)
	if err := os.WriteFile(manifest, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = p.plan("-f", manifest, "-o", "json")
	if !errors.Is(err, ErrChanges) {
		t.Errorf("error %v; want %v", err, ErrChanges)
	}
	var got struct {
		Steps []struct {
			Op      string
			Changes []struct{ Field, From, To string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if len(got.Steps) != 1 || got.Steps[0].Changes[0].Field != "pointInTimeRecovery" || got.Steps[0].Changes[0].To != "false" {
		t.Errorf("steps %+v; want the one edit", got.Steps)
	}
}

func TestPlanSaysWhatIsSomebodyElses(t *testing.T) {
	p := newPlanner(t)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = dynamodb.NewFromConfig(cfg).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("blog-comments"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.plan("--name", "blog")
	if !errors.Is(err, ErrChanges) || !strings.Contains(out, "blocked, Conflict") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
}

func TestPlanNamesWhatIsMissing(t *testing.T) {
	p := newPlanner(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "-f FILE or --name"},
		{[]string{"--name", "nobody"}, "no CommentsAPI"},
		{[]string{"--name", "blog", "-o", "xml"}, "xml"},
	} {
		if _, err := p.plan(c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v; want one that says %q", c.args, err, c.want)
		}
	}
}
