// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// quiet is how long a settled crowd is watched for writes.
const quiet = 5 * time.Second

// object is the n-th of an episode's; every other one takes its table along
// when it goes.
func (r *episode) object(n int) *v1alpha1.CommentsAPI {
	name := fmt.Sprintf("blog-%d-%02d", r.number, n)
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.CommentsAPISpec{TableName: name, Region: region, Stage: "prod"}}
	if n%2 == 1 {
		o.Spec.DeletionPolicy.Table = v1alpha1.TableDelete
	}
	return o
}

// settled reports whether all objects are Ready and in sync.
func (r *episode) settled(ctx context.Context) (bool, error) {
	list := &v1alpha1.CommentsAPIList{}
	if err := r.k8s.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return false, err
	}
	good := 0
	for i := range list.Items {
		if fine(&list.Items[i]) {
			good++
		}
	}
	return good == crowd, nil
}

// fine is Ready and in sync, with all that was asked for done.
func fine(o *v1alpha1.CommentsAPI) bool {
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(o.Status.Conditions, kind)
		if c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != o.Generation {
			return false
		}
	}
	return o.Status.LastHandledReconcileAt == o.Annotations[v1alpha1.AnnotationReconcileAt]
}

// deleted reports whether all objects are gone.
func (r *episode) deleted(ctx context.Context) (bool, error) {
	list := &v1alpha1.CommentsAPIList{}
	err := r.k8s.List(ctx, list, client.InNamespace(namespace))
	return err == nil && len(list.Items) == 0, err
}

// inspect looks at a settled crowd: each object has one REST API, one role and
// one table, and serves; after a check that somebody asked for nothing is
// written any more.
func (r *episode) inspect(ctx context.Context) (broken []string, err error) {
	at := time.Now().Format(time.RFC3339Nano)
	if err := r.eachObject(ctx, func(o *v1alpha1.CommentsAPI) error {
		metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.AnnotationReconcileAt, at)
		return r.k8s.Update(ctx, o)
	}); err != nil {
		return nil, err
	}
	for done := false; !done; {
		if done, err = r.settled(ctx); err != nil {
			return nil, err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
	from := r.local.Requests(1 << 40).Last
	if err := sleep(ctx, quiet); err != nil {
		return nil, err
	}
	for _, call := range r.local.Requests(from).Requests {
		if call.Write {
			broken = append(broken, fmt.Sprintf("a settled crowd is written to: %s %s", call.Operation, call.Resource))
		}
	}
	owned, err := r.owned(ctx)
	if err != nil {
		return nil, err
	}
	for n := range crowd {
		o := r.object(n)
		if have := owned[o.Name]; have.apis != 1 || have.roles != 1 || have.tables != 1 {
			broken = append(broken, fmt.Sprintf("%s has %d REST APIs, %d roles and %d tables; want one of each", o.Name, have.apis, have.roles, have.tables))
		}
		if err := r.k8s.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
			return nil, err
		}
		if err := comment(o); err != nil {
			broken = append(broken, fmt.Sprintf("%s is Ready: %v", o.Name, err))
		}
		resp, err := http.Get(o.Status.InvokeURL + "/comments/page") //nolint:noctx // the local AWS answers at once
		if err != nil {
			return nil, err
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			broken = append(broken, fmt.Sprintf("%s is Ready and answers %d %s", o.Name, resp.StatusCode, body))
		}
	}
	shown, err := r.canaries(ctx)
	return append(broken, shown...), err
}

// leftovers looks at what is left of an episode's objects that are gone.
func (r *episode) leftovers(ctx context.Context) (broken []string, err error) {
	owned, err := r.owned(ctx)
	if err != nil {
		return nil, err
	}
	for n := range crowd {
		o := r.object(n)
		kept := 1
		if o.Spec.DeletionPolicy.Table == v1alpha1.TableDelete {
			kept = 0
		}
		if have := owned[o.Name]; have.apis+have.roles > 0 || have.tables != kept {
			broken = append(broken, fmt.Sprintf("%s is gone and left %d REST APIs, %d roles and %d tables; want %d tables", o.Name, have.apis, have.roles, have.tables, kept))
		}
	}
	return broken, nil
}

// holdings count what carries the claim of one object.
type holdings struct{ apis, roles, tables int }

// owned reads the whole account.
func (r *episode) owned(ctx context.Context) (map[string]holdings, error) {
	config := aws.Config{Region: region, BaseEndpoint: aws.String(r.local.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(sts.LocalKey, sts.LocalKey, "")}
	out := map[string]holdings{}
	add := func(name string, one holdings) {
		have := out[name]
		out[name] = holdings{have.apis + one.apis, have.roles + one.roles, have.tables + one.tables}
	}
	apis := apigateway.NewGetRestApisPaginator(apigateway.NewFromConfig(config), &apigateway.GetRestApisInput{})
	for apis.HasMorePages() {
		page, err := apis.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, api := range page.Items {
			add(api.Tags["commentsapi.io/name"], holdings{apis: 1})
		}
	}
	client := iam.NewFromConfig(config)
	roles := iam.NewListRolesPaginator(client, &iam.ListRolesInput{})
	for roles.HasMorePages() {
		page, err := roles.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, role := range page.Roles {
			tags, err := client.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: role.RoleName})
			if err != nil {
				return nil, err
			}
			for _, tag := range tags.Tags {
				if aws.ToString(tag.Key) == "commentsapi.io/name" {
					add(aws.ToString(tag.Value), holdings{roles: 1})
				}
			}
		}
	}
	tables := dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(config), &dynamodb.ListTablesInput{})
	for tables.HasMorePages() {
		page, err := tables.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range page.TableNames {
			add(name, holdings{tables: 1}) // tables have their objects' names here
		}
	}
	return out, nil
}
