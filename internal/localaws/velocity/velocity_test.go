// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What the language prints is held to Apache Velocity in
// hack/conformance/velocity; the tests here are about what that can't show:
// errors, bounds, the dialect and the Go interface.

func mustParse(t testing.TB, src string) *Template {
	t.Helper()
	tmpl, err := Parse("test", src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return tmpl
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		src       string
		line, col int
		msg       string
	}{
		{"a\n  #if($x)\nb", 2, 6, "no #end"},
		{"#end", 1, 1, "#end without a block"},
		{"é #else", 1, 3, "#else without a block"},
		{"#set($x = )", 1, 11, "expected a value"},
		{"#set($x 1)", 1, 9, "#set needs = after $x"},
		{"#set($x = 1", 1, 1, "#set is not closed by )"},
		{"x\n#foreach($i $q)x#end", 2, 1, "#foreach($item in $list)"},
		{"$a.b(1 2)", 1, 8, "expected , or )"},
		{"${a.b", 1, 6, "not closed by }"},
		{"$a[1", 1, 5, "must end in ]"},
		{"#if(1 ; 2)x#end", 1, 7, "expected an operator or )"},
		{"#[[ x", 1, 1, "not closed by ]]#"},
		{"x #", 1, 3, "ends in #"},
		{"x $", 1, 3, "ends in \"$\""},
		{"#include(\"x\")", 1, 1, "#include is not available in API Gateway"},
		{"#parse(\"x\")", 1, 1, "#parse is not available in API Gateway"},
		{"#evaluate(\"x\")", 1, 1, "#evaluate is not available in API Gateway"},
		{"#set($x = \"a #if($y)\")", 1, 11, "in this string: #if has no #end"},
		{"#set($x = 'open)", 1, 11, "has no end"},
		{"#macro()x#end", 1, 1, "#macro(name $parameter ...)"},
		{strings.Repeat("#if($x)", 1000), 1, 0, "nested more than"},
		{"#if(" + strings.Repeat("(", 100000), 1, 0, "nested more than"},
		{"#set($x = " + strings.Repeat("[", 100000), 1, 0, "nested more than"},
		{"$a" + strings.Repeat(".b($a", 100000), 1, 0, "nested more than"},
	}
	for _, tt := range tests {
		_, err := Parse("name", tt.src)
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("Parse(%.40q) = %v, want a *ParseError", tt.src, err)
			continue
		}
		if pe.Name != "name" || pe.Line != tt.line || tt.col != 0 && pe.Column != tt.col || !strings.Contains(pe.Msg, tt.msg) {
			t.Errorf("Parse(%.40q) = %v, want name:%d:%d: ...%s...", tt.src, pe, tt.line, tt.col, tt.msg)
		}
	}
}

// A template that would run forever or fill the memory ends with an error,
// soon.
func TestBounds(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"nested loops", strings.Repeat("#foreach($i in [1..1000])", 5) + "x" + strings.Repeat("#end", 5), "too much work"},
		{"huge range", `#set($x = [1..2000000000])`, "too much work"},
		{"widest range", `#set($x = [-9223372036854775807..9223372036854775807])`, "too much work"},
		{"doubling a string", `#set($s="xxxxxxxxxxxxxxxx")#foreach($i in [1..100])#set($s="$s$s")#end`, "too large"},
		{"doubling by replace", `#set($s="xxxxxxxxxxxxxxxx")#foreach($i in [1..100])#set($s=$s.replace("x","xx"))#end`, "too large"},
		{"repeat", `#set($s="x")$s.repeat(2000000000)`, "too large"},
		{"doubling a list", `#set($l=[1])#foreach($i in [1..100])#set($ok=$l.addAll($l))#end`, "too large"},
		{"keeping long strings", `#set($s="x")#set($s=$s.repeat(500000))#set($l=[])#foreach($i in [1..1000])#set($ok=$l.add("$s$i"))#end`, "too large"},
		{"scanning long strings", `#set($s="x")#set($s=$s.repeat(500000))#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.contains("y"))#end#end#end`, "too much work"},
		{"output", `#set($s="x")#set($s=$s.repeat(100000))#foreach($i in [1..1000])$s#end`, "too large"},
		{"macro recursion", `#macro(m)#m()#end#m()`, "20 deep"},
		{"list in itself", `#set($l=[1])#set($ok=$l.add([$l]))$l`, "too deep"},
		{"map in itself", `#set($m={"a":{}})#set($m.a.b=$m)$m`, "too deep"},
		{"equality of lists in themselves", `#set($l=[1])#set($ok=$l.add([$l]))#set($k=[1])#set($ok=$k.add([$k]))#if($l==$k)x#end`, "too deep"},
		{"hash of a list in itself", `#set($l=[1])#set($ok=$l.add($l))$l.hashCode()`, "too deep"},
		{"blocks in each other", `#define($a)$b#end#define($b)$a$a#end$a`, ""},
		{"repeated pattern", `#set($s="a")$s.matches("((a{1,30}){1,30}b)*")`, ""},
		{"too large a pattern", `#set($s="a")$s.matches("(a{1,900}b{1,900}c{1,900}d{1,900})+")`, "regular expression"},
		{"long pattern", `#set($s="x")#set($p=$s.repeat(5000))$s.matches($p)`, "regular expression of 5000 bytes"},
		{"big numbers", `#set($n=9223372036854775807)#foreach($i in [1..1000])#set($n=$n*$n)#end$n`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			out, err := mustParse(t, tt.src).Render(nil, Options{MaxSteps: 300_000, MaxOutput: 1 << 20})
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("= %.40q, %v; want an error: %s", out, err, tt.want)
			}
		})
	}
}

// Regular expressions are counted by what they may cost, before they run.
func TestCostlyRegexp(t *testing.T) {
	for _, src := range []string{
		`#set($s="ab")#set($s=$s.repeat(20000))$s.replaceAll("a(.*x)?", "")`,
		`#set($s="xxxxxxxxxxxxxxxx")#foreach($i in [1..100])#set($s=$s.replaceAll("x","xx"))#end`,
	} {
		_, err := mustParse(t, src).Render(nil, Options{MaxSteps: 20_000})
		if err == nil || !strings.Contains(err.Error(), "too much work") {
			t.Errorf("%s: %v, want an error: too much work", src, err)
		}
	}
}

// #foreach ends at its limit without an error, and the limit can be chosen.
func TestMaxForeach(t *testing.T) {
	tmpl := mustParse(t, `#foreach($i in [1..2000])#set($n = $i)#end$n`)
	for limit, want := range map[int]string{0: "1000", 10: "10", -1: "2000"} {
		if got, err := tmpl.Render(nil, Options{MaxForeach: limit}); err != nil || got != want {
			t.Errorf("MaxForeach %d: %q, %v; want %q", limit, got, err, want)
		}
	}
}

// What API Gateway does differently; the rules stand in dialect.go.
func TestDialect(t *testing.T) {
	tests := []struct{ src, velocity, aws string }{
		{`[$x] [${x.y}] [$x.z("a")] [$!x]`, `[$x] [${x.y}] [$x.z("a")] []`, `[] [] [] []`},
		{`#if($x == "")y#{else}n#end`, `n`, `y`},
		{`#if("" == $x)y#{else}n#end`, `n`, `y`},
		{`#if($x != "")y#{else}n#end`, `y`, `n`},
		{`#if($x == $y)y#{else}n#end`, `y`, `y`},
		{`#if($x == 0)y#{else}n#end`, `n`, `n`},
		{`#if($x)y#{else}n#end`, `n`, `n`},
		{`#set($s = "a" + $x.y)$s`, `a$x.y`, `a`},
		{`#set($s = "a$x")$s`, `a$x`, `a`},
	}
	for _, tt := range tests {
		tmpl := mustParse(t, tt.src)
		for _, d := range []struct {
			opt  Options
			want string
		}{{Options{}, tt.velocity}, {Options{NullAsEmpty: true}, tt.aws}} {
			if got, err := tmpl.Render(nil, d.opt); err != nil || got != d.want {
				t.Errorf("%s with %+v: %q, %v; want %q", tt.src, d.opt, got, err, d.want)
			}
		}
	}
}

type host struct{ set map[string]any }

func (h *host) Get(name string) (any, bool) {
	if name == "number" {
		return 7, true // a plain int is taken too
	}
	v, ok := h.set[name]
	return v, ok
}

func (h *host) Call(method string, args []any) (any, error) {
	switch method {
	case "join":
		return fmt.Sprint(args...), nil
	case "fail":
		return nil, errors.New("the host said no")
	}
	return nil, ErrNoMethod
}

func (h *host) Set(name string, v any) error {
	if name == "readOnly" {
		return errors.New("readOnly can't be set")
	}
	h.set[name] = v
	return nil
}

func (*host) String() string { return "HOST" }

// A host object is asked for properties and methods; its errors end the
// rendering.
func TestObject(t *testing.T) {
	h := &host{set: map[string]any{}}
	vars := map[string]any{"h": h}
	got, err := mustParse(t, `$h $h.number $h.join("a", 1) [$!h.none] [$!h.none()] #set($h.x = "set")$h.x #set($h["y"] = 2)$h.y $h.equals($h)`).Render(vars, Options{})
	if want := `HOST 7 a1 [] [] set2 true`; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if diff := cmp.Diff(map[string]any{"x": "set", "y": int64(2)}, h.set); diff != "" {
		t.Errorf("set on the host (-want +got):\n%s", diff)
	}
	for src, want := range map[string]string{`$h.fail()`: "the host said no", `#set($h.readOnly = 1)`: "readOnly can't be set"} {
		if _, err := mustParse(t, src).Render(vars, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
}

// Rendering leaves the caller's variables alone, and a template can be used
// again and at the same time.
func TestRenderIsRepeatable(t *testing.T) {
	tmpl := mustParse(t, `#macro(m $a)<$a>#end#set($x = $x + 1)#m($x)#foreach($i in $list)$i#end`)
	vars := map[string]any{"x": 1, "list": []any{"a", 2, nil, map[string]any{"k": "v"}}}
	results := make(chan string)
	for range 8 {
		go func() {
			out, err := tmpl.Render(vars, Options{NullAsEmpty: true})
			results <- fmt.Sprint(out, err)
		}()
	}
	for range 8 {
		if got, want := <-results, `<2>a2{k=v}<nil>`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if vars["x"] != 1 {
		t.Errorf("the caller's x became %v", vars["x"])
	}
}

func TestParseJSON(t *testing.T) {
	for _, src := range []string{
		`{"z":1,"a":[true,false,null,"x",-0.5e10,12345678901234567890],"m":{"":{}}}`, `[]`, `"\u2028"`, `0`, `-1`, `"q\"\\\b\f\n\r\t"`,
	} {
		v, err := ParseJSON(" " + src + "\n")
		if err != nil {
			t.Errorf("ParseJSON(%s): %v", src, err)
			continue
		}
		if got, err := JSON(v, 1000); err != nil || got != src {
			t.Errorf("JSON of %s = %s, %v: want the same text", src, got, err)
		}
	}
	for _, src := range []string{
		``, `{`, `[1,]`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `01`, `1.`, `.5`, `-`, `1e`, `"a`, `"\x"`, `"\u12g4"`, "\"\n\"", `tru`, `1 2`, `[1}`,
		strings.Repeat("[", 600), `'x'`, `NaN`,
	} {
		if v, err := ParseJSON(src); err == nil {
			t.Errorf("ParseJSON(%.20s) = %v, want an error", src, v)
		}
	}
}

func TestMap(t *testing.T) {
	m := NewMap("a", 1, "b", 2, "c", 3)
	if old := m.Put("b", "two"); old != 2 {
		t.Errorf("Put returned %v, want the previous value 2", old)
	}
	if old := m.Remove("a"); old != 1 {
		t.Errorf("Remove returned %v, want 1", old)
	}
	m.Put("a", "last")
	var got []any
	for _, e := range m.Entries() {
		v, ok := m.Get(e.Key)
		got = append(got, e.Key, v, ok)
	}
	if diff := cmp.Diff([]any{"b", "two", true, "c", 3, true, "a", "last", true}, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
