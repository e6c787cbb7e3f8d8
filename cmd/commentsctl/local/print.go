// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Print tells a person what runs and what to paste to try it.
func (e *Environment) Print(ctx context.Context, out io.Writer) error {
	text := &strings.Builder{}
	if e.plane != nil {
		fmt.Fprintf(text, "\nKubernetes   export KUBECONFIG=%s\n", e.State.Kubeconfig)
	}
	if e.aws != nil {
		fmt.Fprintf(text, "\nLocal AWS    export AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s\n",
			e.State.AWSEndpoint, AccessKey, SecretKey, e.State.Region)
	}
	if e.manager != nil {
		fmt.Fprint(text, "\n$ kubectl get commentsapi -A\n")
		if err := PrintTable(ctx, e.Config(), text); err != nil {
			return err
		}
	}
	for _, obj := range e.State.Ready {
		fmt.Fprintf(text, "\nInvoke URL of %s/%s: %s\n", obj.Namespace, obj.Name, obj.InvokeURL)
		fmt.Fprint(text, "Post a comment, then list the page's comments:\n\n")
		for _, line := range CurlLines(obj.InvokeURL) {
			fmt.Fprintf(text, "  %s\n", line)
		}
	}
	if e.site != nil {
		fmt.Fprintf(text, "\nA website with these comments: %s\n", e.State.SiteURL)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// CurlLines are commands that post a comment to an API and list the page's
// comments, ready to paste into a shell.
func CurlLines(invokeURL string) []string {
	return []string{
		"curl -s -X POST -H 'Content-Type: application/json' " +
			`-d '{"pageId":"hello-world","userName":"Ada","message":"First!"}' ` + quote(invokeURL+"/comments"),
		"curl -s " + quote(invokeURL+"/comments/hello-world"),
	}
}

// quote makes a word safe for a POSIX shell.
func quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
