// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"strconv"
	"strings"
)

// stringLiteral reads '...' or "...". A quote is doubled to stand for itself;
// a backslash means nothing, but for \uXXXX in "...". References and
// directives in "..." are part of the template.
func (p *parser) stringLiteral() (expr, error) {
	start := p.pos
	quote := p.src[start]
	end := -1
	for i := start + 1; i < len(p.src); i++ {
		if p.src[i] != quote {
			continue
		}
		end = i
		if i+1 == len(p.src) || p.src[i+1] != quote {
			break
		}
		i++
	}
	if end < 0 {
		return nil, p.errorf(start, "a string that starts with %c has no end", quote)
	}
	q := string(quote)
	text := strings.ReplaceAll(p.src[start+1:end], q+q, q)
	p.pos = end + 1
	if quote == '\'' {
		return constExpr{text}, nil
	}
	text, ok := unescapeUnicode(text)
	if !ok {
		return nil, p.errorf(start, `in this string: \u must be followed by four hexadecimal digits`)
	}
	if !strings.ContainsAny(text, "$#") {
		return constExpr{text}, nil
	}
	// As in Velocity, the blank keeps a # or $ at the end of the string from
	// being the end of the template; it is taken off after rendering.
	sub := &parser{name: p.name, src: text + " ", depth: p.depth, macros: p.macros, propertyEnd: -1}
	body, blockEnd, err := sub.block()
	if err == nil && blockEnd.kind != endEOF {
		err = sub.errorf(blockEnd.pos, "#%s without a block it could belong to", blockEnd.kind)
	}
	if err != nil {
		msg := err.Error()
		var pe *ParseError
		if errors.As(err, &pe) {
			msg = pe.Msg
		}
		return nil, p.errorf(start, "in this string: %s", msg)
	}
	return stringExpr{body: body, comment: sub.commentAtEnd}, nil
}

// unescapeUnicode replaces \uXXXX by its character, the only escape that
// Velocity 1.7 knows in strings; false when it is followed by other text.
func unescapeUnicode(s string) (string, bool) {
	if !strings.Contains(s, `\u`) {
		return s, true
	}
	var b strings.Builder
	for {
		i := strings.Index(s, `\u`)
		if i < 0 {
			b.WriteString(s)
			return b.String(), true
		}
		n, err := strconv.ParseUint(s[i+2:min(i+6, len(s))], 16, 16)
		if err != nil || i+6 > len(s) {
			return "", false
		}
		b.WriteString(s[:i])
		b.WriteString(fromUTF16([]uint16{uint16(n)}))
		s = s[i+6:]
	}
}
