// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	createKey = "POST /comments"
	listKey   = "GET /comments/{pageId}"
	tableName = "blog-comments"
	indexName = "pageId-index"
	requestID = "9d5f7a4e-6f0b-4f57-8c1f-2f9d0c9b8a11"
)

// texts are the templates of one rendering.
type texts struct {
	request  map[string]string
	response map[string]map[string]string // by method and status code
}

func shipped(t testing.TB, order v1alpha1.CommentOrder) texts {
	t.Helper()
	spec := v1alpha1.CommentsAPISpec{TableName: tableName, Region: "eu-west-1", Stage: "prod"}
	spec.Comments.Order = order
	d, err := render.Render(spec, stack.Facts{
		AccountID: "123456789012", Partition: "aws", DNSSuffix: "amazonaws.com",
		IndexName: indexName, RolePath: "/",
		Claim: stack.Claim{ClusterID: "c", Namespace: "web", NamespaceUID: "n", Name: "blog", UID: "u"},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := texts{request: map[string]string{}, response: map[string]map[string]string{}}
	for key, m := range d.API.Definition.Methods {
		all.request[key] = m.Integration.RequestTemplates["application/json"]
		all.response[key] = map[string]string{}
		for code, r := range m.Integration.Responses {
			all.response[key][code] = r.Templates["application/json"]
		}
	}
	return all
}

// run renders a template and reads what it printed as JSON.
func run(source string, in mapping.Input) (any, mapping.Output, error) {
	template, err := mapping.Compile(source)
	if err != nil {
		return nil, mapping.Output{}, err
	}
	if in.Context == nil {
		in.Context = map[string]any{"requestId": requestID, "requestTimeEpoch": int64(1700000000000)}
	}
	out, err := mapping.Render(template, in)
	if err != nil {
		return nil, out, err
	}
	value, err := strictJSON(out.Body)
	if err != nil {
		return nil, out, fmt.Errorf("%w in %s", err, out.Body)
	}
	return value, out, nil
}

// strictJSON reads one JSON value and refuses an object with a key twice,
// which encoding/json lets pass and which is how an injected key would hide.
func strictJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	value, err := readValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return value, nil
}

func readValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		all := map[string]any{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := key.(string)
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("the key %q is there twice", name)
			}
			if all[name], err = readValue(d); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return all, err
	case json.Delim('['):
		all := []any{}
		for d.More() {
			value, err := readValue(d)
			if err != nil {
				return nil, err
			}
			all = append(all, value)
		}
		_, err := d.Token()
		return all, err
	default:
		return token, nil
	}
}

// object builds JSON objects as strictJSON reads them.
type object = map[string]any

func s(text string) object { return object{"S": text} }

func n(text string) object { return object{"N": text} }

// encode writes JSON without escaping what needn't be, as browsers do.
func encode(t testing.TB, value any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostile is text that breaks out of naive templates.
var hostile = []string{
	`"`, `\`, `'`, `\'`, `\\'`, `'"`, `\"`, `""`, "`", "/", "</script>", "a\nb", "\r\n", "\t", "\b\f", "\x00", "\x1f\x7f",
	`","commentId":{"S":"x"},"x":"`, `"}},"TableName":"other`, `"},"admin":{"BOOL":true},"y":{"S":"`, `{"S":"x"}`, `[1,2]`, `null`, `{}`,
	"$util", "$util.escapeJavaScript('x')", "$context.requestId", "${context.requestId}", "$input.body", "$!x", `\$x`,
	"#set($x=1)", "#end", "#if(true)x#end", "#foreach($i in [1..9])$i#end", "##", "#*", "#[[x]]#", "#", "$", "$1", `\1`, `$0`,
	"\u2028", "\u2029", "\u0085", "\ufeff", "\uffff", "é", "日本語", "😀", "👩‍👩‍👧‍👦", "a\u0301", "\u202e", `\u0041`, `\ud83d`, "%22", "&quot;", "&#39;",
	" ", "  leading", strings.Repeat(`"\'`, 30), strings.Repeat("😀", 50),
}
