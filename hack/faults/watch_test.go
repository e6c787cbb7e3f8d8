// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// TestWatch: a second REST API of an object is seen, even if it goes again.
func TestWatch(t *testing.T) {
	local, err := localaws.New(localaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	apis := apigateway.NewFromConfig(aws.Config{Region: region, BaseEndpoint: aws.String(local.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(sts.LocalKey, sts.LocalKey, "")})
	p := &place{local: local}
	create := func(name string) *string {
		out, err := apis.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: &name, Tags: map[string]string{"commentsapi.io/name": name}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Id
	}
	end := p.watch(t.Context())
	create("one")
	create("other")
	time.Sleep(3 * glance)
	if seen := end(); len(seen) > 0 {
		t.Errorf("with one REST API each the watch sees %q", seen)
	}
	end = p.watch(t.Context())
	second := create("one")
	time.Sleep(10 * glance)
	if _, err := apis.DeleteRestApi(t.Context(), &apigateway.DeleteRestApiInput{RestApiId: second}); err != nil {
		t.Fatal(err)
	}
	want := []string{"one has 2 REST APIs in the middle of things"}
	if seen := end(); !slices.Equal(seen, want) {
		t.Errorf("the watch sees %q; want %q", seen, want)
	}
}
