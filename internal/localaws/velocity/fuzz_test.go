// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var fuzzSeeds = []string{
	"", "text", "$a", "$!{a.b[0].c(\"x\", 1)}", `\\$a \\\$a \\#if`, "#set($x = [1..3])#foreach($i in $x)$i#if($foreach.hasNext),#end#end",
	`#if($a == "x" && !$b || 1 < 2)y#elseif($c)z#{else}w#end`, `#macro(m $p)<$p>#end#m("$a")#@m(1)body#end`,
	"#define($d)$d$a#end$d", "## c\n#* c *##[[ $raw ]]#", `#set($s = "a""b $a #if($b)c#end")$s.replaceAll("[a-z]+", "$0$0")`,
	`#set($m = {"k": [1, 2.5, true, 'x']})$m.k[1] $m.put("z", $m) $m`, "#set($x = 9223372036854775807 * 2 / 3 % 5 - -1)$x",
	`$s.split("").size() $s.substring(1) $s.toCharArray()`, "#foreach($i in [1..5])#break#stop#end", "#", "$", `"#end`, "$a{b}",
}

// Parse takes any text without a panic and without hanging, and says where
// it is wrong.
func FuzzParse(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		_, err := Parse("fuzz", src)
		if err == nil {
			return
		}
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Fatalf("Parse(%q) = %T %v, want a *ParseError", src, err, err)
		}
		if lines := strings.Count(src, "\n") + 1; pe.Line < 1 || pe.Line > lines || pe.Column < 1 || pe.Msg == "" {
			t.Fatalf("Parse(%q) = %v: outside of the source", src, err)
		}
	})
}

// Render ends on any template and data, and prints valid UTF-8 within its
// bounds.
func FuzzRender(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s, `{"k":["v",1,null,{"x":"\ud800"}]}`, true)
		f.Add(s, "hostile \"'\\\n\u2028", false)
	}
	f.Fuzz(func(t *testing.T, src, data string, aws bool) {
		tmpl, err := Parse("fuzz", src)
		if err != nil {
			return
		}
		doc, _ := ParseJSON(data)
		vars := map[string]any{"a": data, "b": doc, "s": "abc", "m": NewMap("k", "v"), "l": &List{Kind: JSONArray, Items: []any{"x", int64(1)}}}
		const limit = 1 << 16
		start := time.Now()
		out, err := tmpl.Render(vars, Options{MaxSteps: 20_000, MaxOutput: limit, NullAsEmpty: aws})
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("Render(%q) with %q took %v", src, data, took)
		}
		if err != nil {
			return
		}
		if len(out) > limit || !utf8.ValidString(out) {
			t.Fatalf("Render(%q) printed %d bytes, valid UTF-8: %v", src, len(out), utf8.ValidString(out))
		}
	})
}
