// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// TestAnAnswerThatCantBeHadAgainIsWaitedFor when the operator is told to end
// while AWS makes something: its successor would have to look for a minute.
func TestAnAnswerThatCantBeHadAgainIsWaitedFor(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, nil)
	ctx, end := context.WithCancel(t.Context())
	fake.on("POST /restapis", answer{act: func(w http.ResponseWriter, r *http.Request) {
		end()
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"abc"}`)
	}})
	create := func() (*apigateway.CreateRestApiOutput, error) {
		return account.APIGateway.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("blog")}, NoRetryAPIGateway)
	}
	out, err := create()
	if err != nil || aws.ToString(out.Id) != "abc" {
		t.Fatalf("the answer is lost: %v", err)
	}
	_, err = create()
	if failure := Classify(err); failure == nil || failure.MaybeApplied() {
		t.Errorf("after the end: %v; want an error that says that nothing was sent", err)
	}
	if n := fake.count("POST /restapis"); n != 1 {
		t.Errorf("%d calls went out, want 1", n)
	}
	if _, err := account.APIGateway.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: aws.String("abc")}); err == nil {
		t.Error("a call that can be repeated was made after the end")
	}
}
