// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

// shipped is what the operator asks for with no options set.
func shipped() (stack.Desired, error) {
	spec := v1alpha1.CommentsAPISpec{TableName: tableName, Region: region, Stage: "prod"}
	return render.Render(spec, stack.Facts{
		AccountID: account, Partition: "aws", DNSSuffix: "amazonaws.com", IndexName: indexName, RolePath: "/",
		Claim: stack.Claim{ClusterID: "c", Namespace: "web", NamespaceUID: "n", Name: "blog", UID: "u"},
	})
}

// renderList measures the response template of the list with DynamoDB's
// answer of 100 comments, from its bytes to the client's.
func renderList() (testing.BenchmarkResult, error) {
	d, err := shipped()
	if err != nil {
		return testing.BenchmarkResult{}, err
	}
	source := d.API.Definition.Methods["GET /comments/{pageId}"].Integration.Responses["200"].Templates["application/json"]
	template, err := mapping.Compile(source)
	if err != nil {
		return testing.BenchmarkResult{}, err
	}
	in := mapping.Input{Body: queryAnswer(100), Context: map[string]any{"requestId": "r"}}
	out, err := mapping.Render(template, in)
	if err != nil {
		return testing.BenchmarkResult{}, err
	}
	var list struct{ Comments []struct{ Message string } }
	if err := json.Unmarshal([]byte(out.Body), &list); err != nil || len(list.Comments) != 100 || list.Comments[99].Message != message {
		return testing.BenchmarkResult{}, fmt.Errorf("the template made %d comments (%w)", len(list.Comments), errors.Join(err, errors.New("want 100 whole ones")))
	}
	var failed error
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := mapping.Render(template, in); err != nil {
				failed = err
				b.FailNow()
			}
		}
	})
	return result, failed
}

const message = `It's a comment with "quotes", a line end,` + "\n" + `and somebody's name: Zoë.`

// queryAnswer is DynamoDB's answer with n comments.
func queryAnswer(n int) []byte {
	text, _ := json.Marshal(message) // a string always encodes
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"commentId":{"S":"9d5f7a4e-6f0b-4f57-8c1f-2f9d0c9b%04d"},"pageId":{"S":"p"},"createdAt":{"N":"17000000%05d"},`+
			`"userName":{"S":"Ann O'Hara"},"message":{"S":%s}}`, i, i, text)
	}
	return []byte(`{"Count":` + fmt.Sprint(n) + `,"Items":[` + strings.Join(items, ",") + `],"ScannedCount":` + fmt.Sprint(n) + `}`)
}
