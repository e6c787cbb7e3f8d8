// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// OpenCommand returns "commentsctl open".
func OpenCommand() *cobra.Command {
	o := clusterOptions{clusterID: anyCluster}
	var page, output string
	cmd := &cobra.Command{
		Use:   "open NAME",
		Short: "Print the calls of an API, ready to paste",
		Long: `Print curl lines that post a comment and list a page's comments. Where the
object asks for IAM authorization, the lines sign with the keys in the
environment (AWS_ACCESS_KEY_ID and so on); where it asks for an API key, they
have the AWS CLI read it, which takes the right to do so.`,
		Example: `  commentsctl open blog
  commentsctl open blog --page 2026/11/my-post
  commentsctl open blog -o json | jq -r .invokeURL
  eval "$(commentsctl open blog | tail -n 1)"`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: o.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output %q: give text or json", output)
			}
			objects, err := o.list(cmd.Context(), names, false)
			if err != nil {
				return err
			}
			obj := &objects[0]
			if obj.Status.Endpoints == nil {
				return fmt.Errorf("%s/%s has no URL yet; commentsctl status %s says why", obj.Namespace, obj.Name, obj.Name)
			}
			return printCalls(cmd.OutOrStdout(), obj, page, output)
		},
	}
	o.registerWhere(cmd.Flags())
	cmd.Flags().StringVar(&page, "page", "hello-world", "page whose comments to post and list")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func printCalls(w io.Writer, obj *v1alpha1.CommentsAPI, page, output string) error {
	post, list := postLine(obj, page), listLine(obj, page)
	if output == "json" {
		b, err := json.MarshalIndent(map[string]string{
			"invokeURL": obj.Status.InvokeURL, "postURL": obj.Status.Endpoints.Post, "listURL": listURL(obj, page), "post": post, "list": list,
		}, "", "  ")
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", post, list)
	return err
}

func postLine(obj *v1alpha1.CommentsAPI, page string) string {
	body, _ := json.Marshal(map[string]string{"pageId": page, "userName": "Ada", "message": "First!"}) // strings always encode
	key := obj.Spec.API.APIKey
	return "curl -s -X POST" + signing(obj, obj.Spec.API.Authorization.Post) + keyHeader(obj, key != nil && key.Post != v1alpha1.KeyNone) +
		" -H 'Content-Type: application/json' -d " + shellQuote(string(body)) + " " + shellQuote(obj.Status.Endpoints.Post)
}

func listLine(obj *v1alpha1.CommentsAPI, page string) string {
	key := obj.Spec.API.APIKey
	return "curl -s" + signing(obj, obj.Spec.API.Authorization.List) + keyHeader(obj, key != nil && key.List != v1alpha1.KeyNone) + " " + shellQuote(listURL(obj, page))
}

func listURL(obj *v1alpha1.CommentsAPI, page string) string {
	return strings.ReplaceAll(obj.Status.Endpoints.List, "{pageId}", pathEscape(page))
}

// pathEscape writes everything but unreserved characters as %XX: a page id may
// hold slashes, and is one segment of the path.
func pathEscape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// signing makes curl sign the request where only signed ones are let in.
func signing(obj *v1alpha1.CommentsAPI, who v1alpha1.Authorization) string {
	if who != v1alpha1.AuthorizationIAM {
		return ""
	}
	return " --aws-sigv4 " + shellQuote("aws:amz:"+obj.Spec.Region+":execute-api") +
		` --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${AWS_SESSION_TOKEN:+-H "x-amz-security-token: $AWS_SESSION_TOKEN"}`
}

// keyHeader sends the API key where it is needed. Its value is in no object of
// the cluster; the AWS CLI reads it as whoever pastes the line.
func keyHeader(obj *v1alpha1.CommentsAPI, needed bool) string {
	if !needed || obj.Status.APIKey == nil || obj.Status.APIKey.ID == "" {
		return ""
	}
	return ` -H "x-api-key: $(aws apigateway get-api-key --include-value --query value --output text --region ` + obj.Spec.Region +
		` --api-key ` + obj.Status.APIKey.ID + `)"`
}

// shellQuote makes a word safe for a POSIX shell.
func shellQuote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
