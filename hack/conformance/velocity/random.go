// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomData is what random templates see.
const randomData = `{"vars": {"a": "A", "s": "b-c,d ", "n": 5, "z": 0, "d": 1.5, "t": true, "f": false, "e": "", "nul": null,
 "m": {"x": 1, "y": {"z": "deep"}, "l": [1, 2, 3]}, "q": ["p", "q", "r"]}}`

// randomCases makes n well-formed templates from a seed.
func randomCases(n int, seed uint64) []testCase {
	cases := make([]testCase, n)
	for i := range cases {
		g := generator{rand.New(rand.NewPCG(seed, uint64(i)))}
		cases[i] = testCase{
			Name: fmt.Sprintf("random/%d-%d", seed, i), Mode: "plain", Template: g.block(1 + i%3), Data: json.RawMessage(randomData),
		}
	}
	return cases
}

type generator struct{ *rand.Rand }

func (g generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) block(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(4) {
		b.WriteString(g.statement(depth))
	}
	return b.String()
}

func (g generator) statement(depth int) string {
	kind := g.IntN(16)
	if depth == 0 && kind > 8 {
		kind = g.IntN(8)
	}
	switch kind {
	case 0, 1:
		return g.pick("text", " ", "\n", "  \n", "\n  ", "x y", ".", ",", "(", ")", "{", "}", "[", "]", "\"", "'", "a.b", "# x", "$ x", "$5x", "#1x", "&", ";", "=", "\t", "\r\n", "-", "%")
	case 2:
		return g.pick("", "\\", "\\\\", "\\\\\\", "!") + g.reference(2)
	case 3, 4:
		return g.reference(2) + g.pick("", " ", "\n", ". ", "-", "x")
	case 5:
		return g.pick("## c\n", "##\n", "#* c *#", "#** d *#", "#[[ $a #if ]]#", "#[[]]#", "#nope", "#nope($a)", "#nope()", "\\#if", "\\\\#set($x = 1)", "\\#nope", "#{nope}", "$\\!a", "\\\\\\#end")
	case 6, 7, 8:
		return g.pick("", "", " ", "  ", "\n", "\n  ") + g.pick("#set", "#set", "#{set}", "#set ") + "(" + g.pick("", " ") + g.target() + g.pick(" = ", "=", " =", "= ") + g.expression(2) + g.pick("", " ") + ")" + g.pick("", "", " ", "\n", "  \n")
	case 9, 10, 11:
		s := g.pick("#if", "#if", "#{if}", "#if ") + "(" + g.expression(2) + ")" + g.pick("", "", "\n", " \n", " ") + g.block(depth-1)
		for g.IntN(3) == 0 {
			s += "#elseif(" + g.expression(2) + ")" + g.pick("", "\n") + g.block(depth-1)
		}
		if g.IntN(2) == 0 {
			s += g.pick("#else", "#{else}", "#else\n", "#else ") + " " + g.block(depth-1)
		}
		return s + g.pick("#end", "#{end}", "#end\n", "#end ", "#end  \n")
	case 12, 13:
		return "#foreach(" + g.pick("$i", "$j", "$a") + g.pick(" in ", "  in ", "\nin\n") + g.pick("$q", "$m", "[1..3]", "[3..1]", "$m.l", "[]", "$nul", "$m.keySet()", "$m.entrySet()", "[$a, $n, $nul]", "$s.split(\",\")", "\"x\"", "$q.iterator()") + ")" +
			g.pick("", "\n") + g.block(depth-1) + g.pick("", "", "$foreach.index", "$foreach.count", "#if($foreach.hasNext),#end", "#break", "$velocityCount", "$foreach.last", "#if($i == \"q\")#break#end", "$!foreach.parent.index") + "#end" + g.pick("", "\n")
	case 14:
		name := g.pick("ma", "mb")
		return "#macro(" + name + g.pick("", " $p", " $p $a", ", $p") + ")" + g.block(depth-1) + g.pick("", "$p", "$!p") + "#end" + g.pick("", "\n") + "#" + name + "(" + g.pick("", g.parameter(1), g.parameter(1)+" "+g.parameter(1)) + ")"
	default:
		return "#define(" + g.pick("$b", "$a", "$x") + ")" + g.block(depth-1) + "#end" + g.pick("", "$b", "$x", "\n$b")
	}
}

func (g generator) target() string {
	return g.pick("$x", "$x", "$x", "$a", "$n", "$y", "$m.x", "$m.new", "$m[\"k\"]", "$q[0]", "$nul.x", "${x}", "$foo-bar")
}

func (g generator) name() string {
	return g.pick("a", "s", "n", "z", "d", "t", "f", "e", "nul", "m", "q", "x", "y", "i", "b", "undefined", "p")
}

func (g generator) reference(depth int) string {
	body := g.name()
	for range g.IntN(3) {
		switch g.IntN(3) {
		case 0:
			body += "." + g.pick("x", "y", "z", "l", "empty", "nope", "key", "value")
		case 1:
			body += g.pick("[0]", "[-1]", "[\"x\"]", "['y']", "[$n]", "[$i]")
		default:
			body += "." + g.call(depth)
		}
	}
	return g.pick("$"+body, "$"+body, "$!"+body, "${"+body+"}", "$!{"+body+"}")
}

func (g generator) call(depth int) string {
	if depth == 0 {
		return g.pick("length()", "size()", "toString()")
	}
	return g.pick("length()", "size()", "toString()", "isEmpty()", "trim()", "toUpperCase()", "get("+g.parameter(depth-1)+")", "equals("+g.parameter(depth-1)+")",
		"contains("+g.parameter(depth-1)+")", "replace("+g.parameter(depth-1)+", "+g.parameter(depth-1)+")", "replaceAll(\"[a-c]\",\"$0-\")", "split(\",\").size()", "split(\"\").size()",
		"indexOf("+g.parameter(depth-1)+")", "substring(1)", "substring(0,1)", "startsWith(\"b\")", "concat(\"c\")", "add("+g.parameter(depth-1)+")", "put(\"k\", "+g.parameter(depth-1)+")",
		"containsKey(\"x\")", "keySet()", "values()", "entrySet()", "remove("+g.parameter(depth-1)+")", "hashCode()", "intValue()", "nope()", "nope("+g.parameter(depth-1)+")", "matches(\".*\")", "compareTo("+g.parameter(depth-1)+")")
}

func (g generator) parameter(depth int) string {
	switch g.IntN(9) {
	case 0:
		return g.pick("1", "0", "-3", "2147483648", "42")
	case 1:
		return g.pick("1.5", ".5", "-0.25", "1e3", "10.0")
	case 2:
		return "\"" + g.pick("", "x", "$a", "${a}x", "p", "it's", "a \"\"q\"\" b", "$n.x", "#if($t)y#end", "$", "#", "a\\nb", "\\u0041") + "\""
	case 3:
		return "'" + g.pick("", "x", "$a", "it''s", "q", "\"") + "'"
	case 4:
		return g.pick("true", "false")
	case 5:
		if depth > 0 {
			return g.pick("[]", "["+g.parameter(depth-1)+"]", "["+g.parameter(depth-1)+", "+g.parameter(depth-1)+"]", "[1..2]", "{}", "{\"k\": "+g.parameter(depth-1)+"}")
		}
		return "[]"
	default:
		return g.reference(depth)
	}
}

func (g generator) expression(depth int) string {
	if depth == 0 {
		return g.parameter(1)
	}
	blank := g.pick(" ", " ", " ", "", "  ")
	switch g.IntN(8) {
	case 0:
		return g.expression(depth-1) + blank + g.pick("==", "!=", "<", "<=", ">", ">=") + blank + g.expression(depth-1)
	case 1:
		return g.expression(depth-1) + " " + g.pick("eq", "ne", "lt", "le", "gt", "ge", "and", "or") + " " + g.expression(depth-1)
	case 2:
		return g.expression(depth-1) + blank + g.pick("&&", "||") + blank + g.expression(depth-1)
	case 3, 4:
		return g.expression(depth-1) + blank + g.pick("+", "-", "*", "/", "%") + blank + g.expression(depth-1)
	case 5:
		return g.pick("!", "! ", "not ") + g.expression(depth-1)
	case 6:
		return "(" + g.expression(depth-1) + ")"
	default:
		return g.parameter(2)
	}
}
