// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/testcluster"
)

// served fetches the objects of a namespace the way kubectl get does.
func served(t *testing.T, namespace string) *metav1.Table {
	t.Helper()
	cfg := testcluster.Config(t)
	httpClient, err := rest.HTTPClientFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
		strings.TrimSuffix(cfg.Host, "/")+"/apis/commentsapi.io/v1alpha1/namespaces/"+namespace+"/commentsapis", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	resp, err := httpClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(body, table); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v: %s", resp.Status, err, body)
	}
	return table
}

func TestPrinterColumns(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	testcluster.Forged(t, ns) // an excerpt of a status
	u := object(ns, nil)
	u.SetName("blog")
	obj := create(t, c, u)
	now := metav1.Now()
	obj.Status = v1alpha1.CommentsAPIStatus{
		InvokeURL: "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
		RestAPI:   &v1alpha1.RestAPIStatus{ID: "a1b2c3d4e5"},
		Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAvailable, Message: "serving", LastTransitionTime: now},
			{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonDrifted, Message: "1 change", LastTransitionTime: now},
		},
	}
	if err := c.Status().Update(context.Background(), obj); err != nil {
		t.Fatal(err)
	}

	table := served(t, ns)
	narrow, wide := map[string]any{}, map[string]any{}
	for i, column := range table.ColumnDefinitions {
		into := narrow
		if column.Priority > 0 {
			into = wide
		}
		into[column.Name] = table.Rows[0].Cells[i]
	}
	if age, _ := narrow["Age"].(string); age == "" {
		t.Errorf("Age is %v, want the object's age", narrow["Age"])
	}
	delete(narrow, "Age")
	wantNarrow := map[string]any{"Name": "blog", "Ready": "True", "URL": obj.Status.InvokeURL}
	if diff := cmp.Diff(wantNarrow, narrow); diff != "" {
		t.Errorf("kubectl get (-want +got):\n%s", diff)
	}
	wantWide := map[string]any{"Synced": "False", "API": "a1b2c3d4e5", "Reason": "Available", "Message": "serving"}
	if diff := cmp.Diff(wantWide, wide); diff != "" {
		t.Errorf("added by kubectl get -o wide (-want +got):\n%s", diff)
	}
}

// Whoever may write the spec can't write the status with it.
func TestStatusIsApart(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	u := object(ns, nil)
	u.Object["status"] = fields{"accountID": "999999999999"}
	if got := create(t, c, u).Status.AccountID; got != "" {
		t.Errorf("an account id written with the object was kept: %q", got)
	}
}

func TestSample(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	obj := &v1alpha1.CommentsAPI{}
	if err := yaml.UnmarshalStrict(config.Sample, obj); err != nil {
		t.Fatalf("config/samples/blog.yaml: %v", err)
	}
	obj.Namespace = ns
	if err := c.Create(context.Background(), obj, &client.CreateOptions{Raw: &metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}}); err != nil {
		t.Errorf("config/samples/blog.yaml is not accepted: %v", err)
	}
}
