// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/hack/rig"
	"github.com/commentsapi/operator/internal/localaws"
)

const patience = time.Minute

// tenants is a cluster with namespaces of several teams, a local AWS, and the
// operator's binary.
type tenants struct {
	*newUser
	k8s    client.Client
	local  *localaws.Server
	binary string
}

func newTenants(t *testing.T) *tenants {
	t.Helper()
	v := &tenants{newUser: newNewUser(t), binary: filepath.Join(t.TempDir(), "manager")}
	if err := rig.Build(t.Context(), "../..", v.binary); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if v.k8s, err = client.New(v.config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	if v.local, err = localaws.New(localaws.Options{Report: func(m string) { t.Errorf("local AWS: %s", m) }}); err != nil {
		t.Fatal(err)
	}
	if err := v.local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.local.Close() })
	v.sh("kubectl create namespace team-a; kubectl create namespace team-b; kubectl create namespace team-c")
	return v
}

// kubeconfig lets in with a token of the operator's service account: it has the
// rights that were installed, and no others.
func (v *tenants) kubeconfig() string {
	v.t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "commentsapi-operator"}}
	token := &authenticationv1.TokenRequest{}
	if err := v.k8s.SubResource("token").Create(v.t.Context(), account, token); err != nil {
		v.t.Fatal(err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: v.config.Host, CertificateAuthorityData: v.config.CAData}
	config.AuthInfos["operator"] = &clientcmdapi.AuthInfo{Token: token.Status.Token}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "operator"}
	config.CurrentContext = "c"
	file := filepath.Join(v.t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		v.t.Fatal(err)
	}
	return file
}

// start runs the operator with the installed Deployment's own arguments, as far
// as they fit on one machine.
func (v *tenants) start(further ...string) (m *rig.Manager, log string) {
	v.t.Helper()
	deployment := &appsv1.Deployment{}
	if err := v.k8s.Get(v.t.Context(), client.ObjectKey{Namespace: namespace, Name: "commentsapi-operator"}, deployment); err != nil {
		v.t.Fatal(err)
	}
	args := slices.DeleteFunc(slices.Clone(deployment.Spec.Template.Spec.Containers[0].Args), func(arg string) bool {
		return strings.Contains(arg, "-bind-address=")
	})
	args = append(args, "--leader-election-namespace="+namespace, "--leader-election-lease-duration=3s", "--quota-scale=1000",
		"--invoke-url-template="+v.local.Endpoint()+localaws.InvokeURLTemplate, "--kubeconfig="+v.kubeconfig())
	log = filepath.Join(v.t.TempDir(), "log")
	m, err := rig.Start(v.binary, log, rig.Local(v.local.Endpoint(), "local", "local", "eu-west-1"), append(args, further...)...)
	if err != nil {
		v.t.Fatal(err)
	}
	return m, log
}

func (v *tenants) eventually(what, log string, done func() bool) {
	v.t.Helper()
	deadline, tick := time.NewTimer(patience), time.NewTicker(50*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline.C:
			text, _ := os.ReadFile(log)
			v.t.Fatalf("%s did not come about; the operator's log:\n%s", what, text)
		case <-tick.C:
		}
	}
}

func (v *tenants) blog(in string) *v1alpha1.CommentsAPI {
	v.t.Helper()
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: in, Name: "blog"},
		Spec: v1alpha1.CommentsAPISpec{TableName: in + "-comments", Region: "eu-west-1", Stage: "prod"}}
	if err := v.k8s.Create(v.t.Context(), o); err != nil {
		v.t.Fatal(err)
	}
	return o
}

// live reads an object; a gone one is empty.
func (v *tenants) live(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	v.t.Helper()
	live := &v1alpha1.CommentsAPI{}
	if err := client.IgnoreNotFound(v.k8s.Get(v.t.Context(), client.ObjectKeyFromObject(o), live)); err != nil {
		v.t.Fatal(err)
	}
	return live
}

// TestAnOperatorForSomeNamespacesOnly: with a Role in each of its namespaces
// and no right elsewhere it does all of its work there and sees nothing of
// others.
func TestAnOperatorForSomeNamespacesOnly(t *testing.T) {
	v := newTenants(t)
	for _, way := range []string{"helm", "kustomize"} {
		t.Run(way, func(t *testing.T) {
			v.t = t
			blocks := marked(t, "../../docs/tenants.md", way)
			if len(blocks) != 1 {
				t.Fatalf("docs/tenants.md marks %d blocks for %s; want 1", len(blocks), way)
			}
			v.sh(blocks[0])
			v.noRightsInTheCluster()
			m, log := v.start()
			stopped := false
			defer func() {
				if !stopped {
					m.Kill()
				}
			}()
			ours, others := v.blog("team-a"), v.blog("team-c")
			v.eventually("Ready in team-a", log, func() bool {
				return meta.IsStatusConditionTrue(v.live(ours).Status.Conditions, v1alpha1.ConditionReady)
			})
			v.eventually("an event in team-a", log, func() bool {
				list := &eventsv1.EventList{}
				return v.k8s.List(t.Context(), list, client.InNamespace("team-a")) == nil && len(list.Items) > 0
			})
			v.decree("team-a", "commentsapi.io/role-arn", "nonsense")
			v.sh("kubectl annotate commentsapi blog --namespace team-a --overwrite commentsapi.io/reconcile-at=\"$(date +%s)\"")
			v.eventually("what the Namespace says", log, func() bool {
				c := meta.FindStatusCondition(v.live(ours).Status.Conditions, v1alpha1.ConditionStalled)
				return c != nil && c.Reason == v1alpha1.ReasonNamespaceRoleInvalid
			})
			v.decree("team-a", "commentsapi.io/role-arn", "")
			if err := v.k8s.Delete(t.Context(), ours); err != nil {
				t.Fatal(err)
			}
			v.eventually("the end of the object", log, func() bool { return v.live(ours).Name == "" })
			if o := v.live(others); len(o.Finalizers) > 0 || len(o.Status.Conditions) > 0 {
				t.Errorf("the operator touched an object of team-c: finalizers %v, conditions %v", o.Finalizers, o.Status.Conditions)
			}
			if err := v.k8s.Delete(t.Context(), others); err != nil {
				t.Fatal(err)
			}
			stopped = true
			if err := m.Stop(); err != nil {
				t.Error(err)
			}
			if text, _ := os.ReadFile(log); strings.Contains(string(text), "forbidden") {
				t.Errorf("the operator lacks a right; its log:\n%s", text)
			}
			v.refusesOthers()
			if way == "helm" {
				v.sh("helm uninstall commentsapi-operator --namespace commentsapi-system")
			}
		})
	}
}

// refusesOthers: an operator that is to watch a namespace without having the
// rights there says so and ends.
func (v *tenants) refusesOthers() {
	v.t.Helper()
	m, log := v.start("--watch-namespaces=team-a,team-c")
	v.eventually("the end of an operator that lacks rights", log, func() bool {
		select {
		case <-m.Gone:
			return true
		default:
			return false
		}
	})
	text, err := os.ReadFile(log)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, want := range []string{"team-c (get namespaces, list commentsapis", "config/components/watched"} {
		if !strings.Contains(string(text), want) {
			v.t.Errorf("the operator's log doesn't say %q:\n%s", want, text)
		}
	}
}

func (v *tenants) noRightsInTheCluster() {
	v.t.Helper()
	bindings := &rbacv1.ClusterRoleBindingList{}
	if err := v.k8s.List(v.t.Context(), bindings); err != nil {
		v.t.Fatal(err)
	}
	for _, b := range bindings.Items {
		for _, s := range b.Subjects {
			if s.Namespace == namespace {
				v.t.Errorf("the ClusterRoleBinding %s gives %s rights in the whole cluster", b.Name, s.Name)
			}
		}
	}
}

// decree annotates a Namespace, as a cluster admin does; an empty value takes
// the annotation away.
func (v *tenants) decree(namespace, key, value string) {
	v.t.Helper()
	if value == "" {
		v.sh("kubectl annotate namespace " + namespace + " " + key + "-")
		return
	}
	v.sh("kubectl annotate namespace " + namespace + " --overwrite " + key + "=" + value)
}

// The chart gives the rights that the kustomization gives.
func TestTheChartsRightsInSomeNamespacesAreKustomizes(t *testing.T) {
	text, err := Kustomize("../../config/samples/namespaced", "")
	if err != nil {
		t.Fatal(err)
	}
	kustomized := comparable(parse(t, text))
	delete(kustomized, "Namespace  "+namespace)
	over := values{"namespacedRBAC": true, "operator": values{"watchNamespaces": []any{"team-a", "team-b"}}}
	if diff := cmp.Diff(kustomized, comparable(mustTemplate(t, over))); diff != "" {
		t.Errorf("config/samples/namespaced and config/chart differ (-kustomize +chart):\n%s", diff)
	}
	if _, err := template(values{"namespacedRBAC": true}, namespace); err == nil || !strings.Contains(err.Error(), "name the namespaces in operator.watchNamespaces") {
		t.Errorf("without namespaces: %v", err)
	}
	granted := map[string]any{}
	for key, role := range kustomized {
		if strings.HasPrefix(key, "Role team-") {
			granted[key] = role.(map[string]any)["rules"]
		}
	}
	if len(granted) != 2 {
		t.Errorf("rights in namespaces: %v; want those of two", granted)
	}
}
