// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// surrogatePlane is where halves of surrogate pairs stand while a string is
// with Go's regexp or strings package, which take only valid UTF-8: the last
// 2048 code points, all private use.
const surrogatePlane = 0x10F800

// toPlanes makes valid UTF-8 of a template string.
func toPlanes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if u, ok := loneSurrogate(s[i:]); ok {
			b.WriteRune(surrogatePlane + rune(u) - 0xD800)
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// fromPlanes undoes toPlanes.
func fromPlanes(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= surrogatePlane }) {
		return s
	}
	u := make([]uint16, 0, len(s))
	for _, r := range s {
		if r >= surrogatePlane {
			u = append(u, uint16(r-surrogatePlane+0xD800))
			continue
		}
		u = append(u, toUTF16(string(r))...)
	}
	return fromUTF16(u)
}

// translateRegexp rewrites a Java pattern for RE2. The differences are what .
// and \s match, \h, \uXXXX, nested classes, and what RE2 lacks.
func translateRegexp(p string) (string, error) {
	t := &regexpTranslator{in: p}
	for t.pos < len(p) {
		if err := t.next(false); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

type regexpTranslator struct {
	in     string
	pos    int
	out    strings.Builder
	dotAll bool
}

// lineEnds are what a dot does not match in Java.
const lineEnds = `\n\r\x{85}\x{2028}\x{2029}`

// next translates one item of the pattern, inside a [class] or outside.
func (t *regexpTranslator) next(class bool) error {
	rest := t.in[t.pos:]
	switch c := rest[0]; {
	case c == '\\':
		return t.escape(class)
	case c == '[' && class:
		return fmt.Errorf("a class inside of a class is not supported by the local AWS")
	case class && strings.HasPrefix(rest, "&&"):
		return fmt.Errorf("an intersection (&&) of classes is not supported by the local AWS")
	case c == '[':
		return t.class()
	case class:
	case c == '.':
		t.pos++
		if t.dotAll {
			t.out.WriteString(`(?s:.)`)
		} else {
			t.out.WriteString(`[^` + lineEnds + `]`)
		}
		return nil
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?<="),
		strings.HasPrefix(rest, "(?<!"), strings.HasPrefix(rest, "(?>"):
		return fmt.Errorf("%s...) is not supported by the local AWS: write it without lookaround", rest[:3])
	case strings.HasPrefix(rest, "(?s)"):
		t.dotAll = true
	case (c == '*' || c == '+' || c == '?' || c == '}') && len(rest) > 1 && rest[1] == '+':
		return fmt.Errorf("the possessive quantifier %s is not supported by the local AWS", rest[:2])
	}
	_, n := utf8.DecodeRuneInString(rest)
	t.out.WriteString(rest[:n])
	t.pos += n
	return nil
}

// class translates [...]. A ] that comes first is an ordinary character.
func (t *regexpTranslator) class() error {
	t.out.WriteByte('[')
	t.pos++
	if strings.HasPrefix(t.in[t.pos:], "^") {
		t.out.WriteByte('^')
		t.pos++
	}
	for first := true; t.pos < len(t.in); first = false {
		if t.in[t.pos] == ']' {
			t.pos++
			if first {
				t.out.WriteString(`\]`)
				continue
			}
			t.out.WriteByte(']')
			return nil
		}
		if err := t.next(true); err != nil {
			return err
		}
	}
	return fmt.Errorf("a [ is not closed by ]")
}

// escape translates what starts with a backslash.
func (t *regexpTranslator) escape(class bool) error {
	rest := t.in[t.pos:]
	if len(rest) == 1 {
		return fmt.Errorf("it ends in a backslash")
	}
	wrap := func(set string) string {
		if class {
			return set
		}
		return "[" + set + "]"
	}
	t.pos += 2
	switch c := rest[1]; {
	case c == 's':
		t.out.WriteString(wrap(` \t\n\v\f\r`))
	case c == 'S' && !class:
		t.out.WriteString(`[^ \t\n\v\f\r]`)
	case c == 'h':
		t.out.WriteString(wrap(` \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}`))
	case c == 'v':
		t.out.WriteString(wrap(lineEnds + `\v\f`))
	case c == 'R' && !class:
		t.out.WriteString(`(?:\r\n|[` + lineEnds + `\v\f])`)
	case c == 'Z' && !class:
		t.out.WriteString(`(?:\r?\n)?\z`)
	case c == 'p' || c == 'P':
		return t.property(rest, class)
	case c == 'e':
		t.out.WriteString(`\x1B`)
	case c == 'u':
		if len(rest) < 6 {
			return fmt.Errorf(`\u needs four hexadecimal digits`)
		}
		t.out.WriteString(`\x{` + rest[2:6] + `}`)
		t.pos += 4
	case c == 'Q':
		end := strings.Index(rest, `\E`)
		if end < 0 {
			end = len(rest)
			t.pos = len(t.in)
		} else {
			t.pos += end
		}
		t.out.WriteString(regexp.QuoteMeta(rest[2:end]))
	case c >= '1' && c <= '9', c == 'k':
		return fmt.Errorf("the back reference %s is not supported by the local AWS", rest[:2])
	case c == 'G':
		return fmt.Errorf(`\G is not supported by the local AWS`)
	case isAlpha(c) || isDigit(c):
		t.out.WriteString(rest[:2])
	default:
		_, n := utf8.DecodeRuneInString(rest[1:])
		t.out.WriteString(regexp.QuoteMeta(rest[1 : 1+n]))
		t.pos += n - 1
	}
	return nil
}

// posix are Java's ASCII classes, as the inside of a class for RE2.
var posix = map[string]string{
	"Lower": "a-z", "Upper": "A-Z", "ASCII": `\x00-\x7F`, "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
	"Punct": `!-/:-@\[-` + "`" + `{-~`, "Graph": "!-~", "Print": " -~", "Blank": ` \t`, "Cntrl": `\x00-\x1F\x7F`,
	"XDigit": "0-9a-fA-F", "Space": ` \t\n\v\f\r`, "IsAlphabetic": `\p{L}\p{Nl}`, "IsDigit": `\p{Nd}`,
	"IsLetter": `\p{L}`, "IsUppercase": `\p{Lu}`, "IsLowercase": `\p{Ll}`, "IsPunctuation": `\p{P}`,
}

// property translates \p{Name} and \P{Name}; rest begins with the backslash
// and the position is behind the p.
func (t *regexpTranslator) property(rest string, class bool) error {
	name := rest[2:min(3, len(rest))]
	if name == "{" {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return fmt.Errorf("%s is not closed by }", rest[:3])
		}
		name = rest[3:end]
		t.pos += end - 1
	} else {
		t.pos += len(name)
	}
	set, known := posix[name]
	switch {
	case !known:
		t.out.WriteString(rest[:2] + "{" + strings.TrimPrefix(name, "Is") + "}")
	case rest[1] == 'p' && class:
		t.out.WriteString(set)
	case rest[1] == 'p':
		t.out.WriteString("[" + set + "]")
	case class:
		return fmt.Errorf(`\P{%s} inside of a class is not supported by the local AWS`, name)
	default:
		t.out.WriteString("[^" + set + "]")
	}
	return nil
}
