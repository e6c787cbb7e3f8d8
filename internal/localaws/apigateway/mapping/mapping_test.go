// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func render(t *testing.T, src string, in Input) Output {
	t.Helper()
	tmpl, err := Compile(src)
	if err != nil {
		t.Fatalf("Compile(%q): %v", src, err)
	}
	out, err := Render(tmpl, in)
	if err != nil {
		t.Fatalf("Render(%q): %v", src, err)
	}
	return out
}

// What a template sees in $input, $util, $context and $stageVariables.
func TestRender(t *testing.T) {
	in := Input{
		Body:           []byte(`{"z":1,"a":"q\"uo'te/ é😀","n":1.50,"big":12345678901234567890,"list":[{"b":2,"a":"x/y"},null,true],"nul":null,"m":{"k":"v"}}`),
		Path:           map[string]string{"id": "from-path", "both": "path"},
		Query:          map[string]string{"q": "from query", "both": "query"},
		Header:         map[string]string{"X-Thing": "from header", "both": "header"},
		Context:        map[string]any{"requestId": "r-1", "requestTimeEpoch": 1700000000123, "identity": map[string]any{"sourceIp": "192.0.2.1"}},
		StageVariables: map[string]string{"table": "t1"},
	}
	tests := []struct{ name, template, want string }{
		{"body", `$input.body`, string(in.Body)},
		{"json of the root keeps order and numbers", `$input.json('$')`, string(in.Body)},
		{"json of a string is quoted", `$input.json('$.a')`, `"q\"uo'te/ é😀"`},
		{"json of a number", `$input.json('$.n') $input.json('$.big')`, `1.50 12345678901234567890`},
		{"json of a missing node", `$input.json('$.none')`, `""`},
		{"path of a string is raw", `$input.path('$.a')`, `q"uo'te/ é😀`},
		{"path of a missing node", `[$input.path('$.none.deeper')]`, `[]`},
		{"a missing node is empty", `#if($input.path('$.none') == "")empty#end`, `empty`},
		{"null is empty", `#if($input.path('$.nul') == '')empty#else full#end`, `empty`},
		{"not empty", `#if($input.path('$.a') != "")full#end`, `full`},
		{"a missing node is false", `#if($input.path('$.none'))yes#{else}no#end`, `no`},
		{"list prints as JSON", `$input.path('$.list')`, `[{"b":2,"a":"x\/y"},null,true]`},
		{"map prints as Java", `$input.path('$.m')`, `{k=v}`},
		{"index", `$input.path('$.list[0].b') $input.path("$.list").get(0).a $input.path('$.list')[0].b`, `2 x/y 2`},
		{"indefinite path", `$input.json('$..b') $input.path('$.list[*].a')`, `[2] ["x\/y"]`},
		{"bracket path", `$input.path("$['m']['k']")`, `v`},
		{"params order", `$input.params('both') $input.params('q') $input.params('id')`, `path from query from-path`},
		{"params of a header", `$input.params('X-Thing')|$input.params('x-thing')|$input.params('nope')|`, `from header|from header||`},
		{"all params", `$input.params().path.id $input.params().querystring.get('q') $input.params().header.both`, `from-path from query header`},
		{"param names", `#foreach($k in $input.params().path.keySet())$k,#end`, `both,id,`},
		{"escapeJavaScript", `$util.escapeJavaScript($input.path('$.a'))`, `q\"uo\'te\/ \u00E9\uD83D\uDE00`},
		{"escape made JSON", `$util.escapeJavaScript("it's").replaceAll("\\'","'")`, `it's`},
		{"parseJson", `$util.parseJson('{"a":{"b":[1,2]}}').a.b[1]`, `2`},
		{"urlEncode", `$util.urlEncode("a b/é~*")`, `a+b%2F%C3%A9%7E*`},
		{"urlDecode", `$util.urlDecode("a+b%2F%C3%A9")`, `a b/é`},
		{"base64", `$util.base64Encode("hé") $util.base64Decode("aMOp")`, `aMOp hé`},
		{"context", `$context.requestId $context.requestTimeEpoch $context.identity.sourceIp$context.nope.deeper`, `r-1 1700000000123 192.0.2.1`},
		{"stage variables", `$stageVariables.table ${stageVariables.table} $stageVariables['table']$stageVariables.nope`, `t1 t1 t1`},
		{"nothing for undefined", `[$nothing ${nothing.at.all} $nothing.call("x")]`, `[  ]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, render(t, tt.template, in).Body); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.template, diff)
			}
		})
	}
}

func TestEmptyBody(t *testing.T) {
	if got := render(t, `$input.body $input.json('$') [$input.path('$.x')]`, Input{}).Body; got != `{} {} []` {
		t.Errorf("an empty body rendered %q, want {} {} []", got)
	}
	if got := render(t, `[$input.path('$.__type')]`, Input{Body: []byte("<html>")}).Body; got != `[]` {
		t.Errorf("a path into a body that is no JSON rendered %q, want nothing", got)
	}
}

// Half a surrogate pair survives escaping exactly and becomes ? in output.
func TestLoneSurrogates(t *testing.T) {
	in := Input{Body: []byte(`{"a":"x\ud800y","b":"\ud83d","c":"\ude00"}`)}
	got := render(t, `$util.escapeJavaScript($input.path('$.a'))|$input.path('$.a')|$input.path('$.b')$input.path('$.c')|$input.path('$.a').length()`, in).Body
	if want := `x\uD800y|x?y|😀|3`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOverrides(t *testing.T) {
	got := render(t, `#set($context.responseOverride.status = 404)#set($context.responseOverride.header.X-Why = "gone")`+
		`#set($context.responseOverride.header["Retry-After"] = 7)#set($context.requestOverride.header.X-A = "h")`+
		`#set($context.requestOverride.path.p = "pp")#set($context.requestOverride.querystring.q = "qq")$context.responseOverride.status`, Input{})
	want := Output{
		Body: "404", ResponseStatus: 404,
		ResponseHeaders: map[string]string{"X-Why": "gone", "Retry-After": "7"},
		RequestHeaders:  map[string]string{"X-A": "h"},
		RequestPath:     map[string]string{"p": "pp"},
		RequestQuery:    map[string]string{"q": "qq"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("overrides (-want +got):\n%s", diff)
	}
	for _, status := range []string{`"abc"`, `99`, `600`, `4.5`} {
		if got := render(t, `#set($context.responseOverride.status = `+status+`)`, Input{}); got.ResponseStatus != 0 {
			t.Errorf("status %s was taken as %d, want it ignored", status, got.ResponseStatus)
		}
	}
	for _, src := range []string{
		`#set($context.responseOverride.status = 404)#set($context.responseOverride.status = 500)`,
		`#set($context.responseOverride.header.X-A = "1")#set($context.responseOverride.header.x-a = "2")`,
	} {
		tmpl, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Render(tmpl, Input{}); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("Render(%q) = %v, want an error: overridden twice", src, err)
		}
	}
}

// Failures inside a method end the rendering, which API Gateway answers with 500.
func TestRenderErrors(t *testing.T) {
	for _, src := range []string{
		`$util.parseJson("{nope")`, `$util.urlDecode("%zz")`, `$util.base64Decode("***")`, `$input.path('$[')`, `$input.json('$.a').substring(9)`,
	} {
		tmpl, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := Render(tmpl, Input{}); err == nil {
			t.Errorf("Render(%q) = %q, want an error", src, out.Body)
		}
	}
	if _, err := Compile(strings.Repeat("x", MaxTemplate+1)); err == nil || !strings.Contains(err.Error(), "307200") {
		t.Errorf("Compile of a template over 300 KB: %v, want an error with the limit", err)
	}
}
