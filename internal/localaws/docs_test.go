// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/local-aws.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The guide lists all operations there are, and no others.
func TestGuideListsAllOperations(t *testing.T) {
	for title, want := range map[string][]string{
		"DynamoDB": dynamodb.Operations(), "IAM": iam.Actions(), "STS": sts.Actions(), "API Gateway": apigateway.Operations(),
	} {
		_, list, ok := strings.Cut(guide(t), "\n**"+title+"**: ")
		if !ok {
			t.Errorf("the guide has no paragraph that starts with **%s**:", title)
			continue
		}
		list, _, _ = strings.Cut(list, "\n\n")
		if diff := cmp.Diff(want, slices.Sorted(strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(", \n", r) }))); diff != "" {
			t.Errorf("%s (-code +guide):\n%s\nthe whole list: %s", title, diff, strings.Join(want, ", "))
		}
	}
}

// curlLine is the only form of curl the guide uses.
var curlLine = regexp.MustCompile(`(?m)^curl -s(?: -X ([A-Z]+))?(?: -d '([^']*)')? "\$AWS_ENDPOINT_URL(/[^"]*)"$`)

// Every curl command of the guide works, one after the other.
func TestGuidesCommandsWork(t *testing.T) {
	s := start(t, Options{})
	text := guide(t)
	commands := curlLine.FindAllStringSubmatch(text, -1)
	if all := strings.Count(text, "\ncurl "); len(commands) < 10 || len(commands) != all {
		t.Fatalf("%d of the guide's %d curl commands are of the form this test knows; want all, and at least 10", len(commands), all)
	}
	for _, c := range commands {
		method, body, path := c[1], c[2], c[3]
		if method == "" {
			method = http.MethodGet
		}
		r, err := http.NewRequestWithContext(t.Context(), method, s.Endpoint()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		// What curl sends with -d when it is told nothing else.
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode >= 300 {
			t.Errorf("%s\nanswers %d %s (%v)", c[0], answer.StatusCode, said, err)
		}
	}
}
