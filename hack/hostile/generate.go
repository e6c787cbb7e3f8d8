// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// fragments are what breaks out of careless templates: the characters that end
// JSON strings and Velocity references, and pieces of requests to DynamoDB.
var fragments = []string{
	`"`, `\`, `'`, `\'`, `\"`, `\\`, "/", "</script>", "\n", "\r", "\t", "\b", "\f", "\x00", "\x1f", "\x7f", "\u0080", "\u0085",
	"\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff", "\u202e", "a\u0301", "é", "日本", "😀", "\U0010ffff", " ",
	"$", "#", "$!", "${", "}", "$x", "$util.escapeJavaScript('x')", "$context.requestId", "$input.body", "$stageVariables.x",
	"#set($valid=true)", "#if(true)", "#else", "#end", "#foreach($i in [1..9])$i", "##", "#*", "*#", "#[[", "]]#", `$0`, `$1`,
	`","commentId":{"S":"x"},"x":"`, `"}},"TableName":"other","z":{"y":{"S":"`, `"},"admin":{"BOOL":true},"y":{"S":"`, `{"S":"x"}`,
	"[", "]", "{", ",", ":", "null", "true", "1", "0", "9", "-", "_", ".", "~", "..", "1_c", "100", "abc", "A", "%22", "%2e", "&quot;", `\u0022`, `\u005c`, `\ud83d`,
}

// text is a generated string: as JSON, the way a client could write it, and
// what it means.
type text struct{ json, value string }

// generate makes a string of up to a dozen pieces, and now and then a long
// one. JSON knows several ways to write a character; each is used, and so are
// halves of surrogate pairs, which mean U+FFFD.
func generate(r *rand.Rand) text {
	pieces := r.IntN(12)
	if r.IntN(200) == 0 {
		pieces = 200
	}
	var value, json strings.Builder
	json.WriteByte('"')
	for range pieces {
		switch r.IntN(12) {
		case 0:
			c := rune(r.IntN(0x110000))
			if utf16.IsSurrogate(c) {
				fmt.Fprintf(&json, `\u%04x`, c)
				// A letter in between, so that no two halves make a pair.
				json.WriteByte('x')
				value.WriteString("\ufffdx")
				continue
			}
			write(r, &json, c)
			value.WriteRune(c)
		default:
			for _, c := range fragments[r.IntN(len(fragments))] {
				write(r, &json, c)
				value.WriteRune(c)
			}
		}
	}
	json.WriteByte('"')
	return text{json.String(), value.String()}
}

// write writes a character as JSON, as itself where that is allowed.
func write(r *rand.Rand, json *strings.Builder, c rune) {
	switch {
	case c == '"' || c == '\\':
		json.WriteByte('\\')
		json.WriteRune(c)
	case c >= ' ' && r.IntN(8) != 0:
		json.WriteRune(c)
	default:
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(json, `\u%04x`, unit)
		}
	}
}
