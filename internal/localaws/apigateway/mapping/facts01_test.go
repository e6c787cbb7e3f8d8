// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/json"
	"testing"
)

// What $input gives, where aws-facts E1 says so.
func TestE1_Input(t *testing.T) {
	in := Input{
		Body:  []byte(`{"s":"a \"b\"\n","m":{"foo":"bar"},"l":[1,"x"],"nul":null}`),
		Path:  map[string]string{"x": "path"},
		Query: map[string]string{"x": "query", "y": "query"},
		Header: map[string]string{
			"x": "header", "y": "header", "z": "header",
		},
	}
	for template, want := range map[string]string{
		`$input.json('$.s')`:                                                       `"a \"b\"\n"`,
		`$input.path('$.s')`:                                                       "a \"b\"\n",
		`$input.path('$.l')`:                                                       `[1,"x"]`,
		`$input.path('$.m')`:                                                       `{foo=bar}`,
		`[$input.path('$.none')]`:                                                  `[]`,
		`[$input.path('$.nul')]`:                                                   `[]`,
		`#if($input.path('$.none') == "")=#end`:                                    `=`,
		`#if($input.path('$.none') == $nope)=#end`:                                 `=`,
		`$input.params('x') $input.params('y') $input.params('z')`:                 `path query header`,
		`[$input.params('absent')]`:                                                `[]`,
		`$input.params().path.get('x') $input.params().querystring.keySet()`:       `path [x, y]`,
		`#foreach($p in $input.params().keySet())$p#if($foreach.hasNext),#end#end`: `path,querystring,header`,
	} {
		if got := render(t, template, in).Body; got != want {
			t.Errorf("%s = %q; want %q", template, got, want)
		}
	}
	if got := render(t, `$input.body`, Input{}).Body; got != "{}" {
		t.Errorf("$input.body of an empty body = %q; want {}", got)
	}
}

// escapeJavaScript makes of a quote what JSON doesn't know, and AWS's own
// correction mends it.
func TestE2_EscapeJavaScriptIsNotJSON(t *testing.T) {
	in := Input{Query: map[string]string{"q": "it's / é \"x\"\n"}}
	var got string
	raw := render(t, `"$util.escapeJavaScript($input.params('q'))"`, in).Body
	if err := json.Unmarshal([]byte(raw), &got); err == nil {
		t.Errorf("%s is JSON; want it not to be, as at AWS", raw)
	}
	mended := render(t, `"$util.escapeJavaScript($input.params('q')).replaceAll("\\'","'")"`, in).Body
	if err := json.Unmarshal([]byte(mended), &got); err != nil || got != in.Query["q"] {
		t.Errorf("%s = %q, %v; want the parameter back", mended, got, err)
	}
}

// The safe patterns are safe and the unsafe one is not: whoever writes it must
// see it here.
func TestE3_Injection(t *testing.T) {
	const attack = `x"},"admin":{"S":"yes`
	body, err := json.Marshal(map[string]string{"text": attack})
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Body: body, Query: map[string]string{"text": attack}}
	for template, injected := range map[string]bool{
		`{"text":{"S":$input.json('$.text')}}`:                                                 false,
		`{"text":{"S":"$util.escapeJavaScript($input.params('text')).replaceAll("\\'","'")"}}`: false,
		`{"text":{"S":"$util.escapeJavaScript($input.path('$.text')).replaceAll("\\'","'")"}}`: false,
		`{"text":{"S":"$input.path('$.text')"}}`:                                               true,
		`{"text":{"S":"$input.params('text')"}}`:                                               true,
	} {
		var got map[string]map[string]string
		if err := json.Unmarshal([]byte(render(t, template, in).Body), &got); err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if _, has := got["admin"]; has != injected || !injected && got["text"]["S"] != attack {
			t.Errorf("%s = %v; want an injected attribute: %t", template, got, injected)
		}
	}
}
