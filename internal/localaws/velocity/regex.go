// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"
)

// javaRegexp is a java.util.regex pattern, run by RE2. What RE2 can't do
// (lookaround, backreferences, possessive quantifiers, class intersections)
// is refused with an error that says so.
type javaRegexp struct {
	re *regexp.Regexp
	// again matches at the start of a text; set for patterns that can match
	// the empty string, which Java, unlike Go, lets them do right after a
	// match.
	again *regexp.Regexp
	full  *regexp.Regexp
	size  int  // instructions of the program
	plain bool // a text to be found as it is
}

// maxPattern bounds the length of a pattern, in bytes.
const maxPattern = 4096

func (s *state) regexp(pattern string) (*javaRegexp, error) {
	if re := s.regexps[pattern]; re != nil {
		return re, nil
	}
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("a regular expression of %d bytes: the local AWS takes at most %d", len(pattern), maxPattern)
	}
	if err := s.step(200 + 20*len(pattern)); err != nil {
		return nil, err
	}
	j := s.shared.get(pattern)
	if j == nil {
		var err error
		if j, err = compileRegexp(pattern); err != nil {
			return nil, fmt.Errorf("regular expression %q: %w", pattern, err)
		}
		s.shared.put(pattern, j)
	}
	if err := s.step(j.size); err != nil {
		return nil, err
	}
	if s.regexps == nil {
		s.regexps = map[string]*javaRegexp{}
	}
	s.regexps[pattern] = j
	return j, nil
}

func compileRegexp(pattern string) (*javaRegexp, error) {
	translated, err := translateRegexp(toPlanes(pattern))
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(translated)
	if err != nil {
		return nil, err
	}
	size, err := programSize(translated)
	if err != nil {
		return nil, err
	}
	_, plain := re.LiteralPrefix()
	j := &javaRegexp{re: re, full: regexp.MustCompile(`\A(?:` + translated + `)\z`), size: size, plain: plain}
	if re.MatchString("") && !strings.Contains(translated, `\b`) && !strings.Contains(translated, `^`) {
		j.again = regexp.MustCompile(`\A(?:` + translated + `)`)
	}
	return j, nil
}

// maxPatterns bounds how many patterns a template keeps: those it is written
// with, and not every one that is made of data.
const maxPatterns = 32

// patterns are the compiled patterns of a template, for all its renderings.
type patterns struct {
	mu   sync.Mutex
	kept map[string]*javaRegexp
}

func (p *patterns) get(pattern string) *javaRegexp {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[pattern]
}

func (p *patterns) put(pattern string, j *javaRegexp) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[string]*javaRegexp{}
	}
	if len(p.kept) < maxPatterns {
		p.kept[pattern] = j
	}
}

// maxProgram bounds a compiled pattern, in instructions.
const maxProgram = 5000

func programSize(translated string) (int, error) {
	tree, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return 0, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, err
	}
	if len(prog.Inst) > maxProgram {
		return 0, fmt.Errorf("its repetitions make it too large for the local AWS")
	}
	return len(prog.Inst), nil
}

// scan counts n passes over a text.
func (s *state) scan(j *javaRegexp, text string, n int) error {
	return s.step(1 + n*len(text)/1000*j.size)
}

// matches reports whether the whole string matches.
func (s *state) matches(str, pattern string) (any, error) {
	j, err := s.regexp(pattern)
	if err != nil {
		return nil, err
	}
	text := toPlanes(str)
	if err := s.scan(j, text, 5); err != nil {
		return nil, err
	}
	return j.full.MatchString(text), nil
}

// find returns the submatch indexes of the first limit matches (-1: of all),
// as Matcher.find does; text is in planes form. In the worst case every match
// needs a pass over the text, so the matches are asked for in growing numbers
// and counted before.
func (s *state) find(j *javaRegexp, text string, limit int) ([][]int, error) {
	if limit < 0 {
		limit = len(text) + 1
	}
	if j.plain {
		return j.re.FindAllStringSubmatchIndex(text, limit), s.scan(j, text, 5)
	}
	var found [][]int
	for n := min(4, limit); ; n = min(4*n, limit) {
		if err := s.scan(j, text, 5+n); err != nil {
			return nil, err
		}
		found = j.re.FindAllStringSubmatchIndex(text, n)
		if len(found) < n || n == limit {
			break
		}
	}
	if j.again == nil || limit == 1 {
		return found, nil
	}
	var all [][]int
	for i, m := range found {
		all = append(all, m)
		if m[1] == m[0] || i+1 < len(found) && found[i+1][0] == m[1] {
			continue
		}
		if a := j.again.FindStringSubmatchIndex(text[m[1]:]); a != nil && a[1] == 0 {
			for k := range a {
				if a[k] >= 0 {
					a[k] += m[1]
				}
			}
			all = append(all, a)
		}
	}
	return all, nil
}

// replaceRegexp is replaceAll (limit -1) and replaceFirst (limit 1).
func (s *state) replaceRegexp(str, pattern, replacement string, limit int) (any, error) {
	re, err := s.regexp(pattern)
	if err != nil {
		return nil, err
	}
	text := toPlanes(str)
	replacement = toPlanes(replacement)
	var b strings.Builder
	last := 0
	found, err := s.find(re, text, limit)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		b.WriteString(text[last:m[0]])
		last = m[1]
		if err := expandReplacement(&b, re.re, replacement, text, m); err != nil {
			return nil, fmt.Errorf("replacement %q: %w", replacement, err)
		}
		if err := s.step(1 + len(replacement)/32); err != nil {
			return nil, err
		}
		if b.Len() > s.opt.MaxOutput {
			return nil, errTooMuchOutput
		}
	}
	b.WriteString(text[last:])
	return fromPlanes(b.String()), nil
}

// expandReplacement writes a Java replacement string: $1 and ${name} are
// groups, a backslash takes the next character as it is.
func expandReplacement(b *strings.Builder, re *regexp.Regexp, repl, text string, m []int) error {
	group := func(i int) {
		if m[2*i] >= 0 {
			b.WriteString(text[m[2*i]:m[2*i+1]])
		}
	}
	for i := 0; i < len(repl); {
		switch c := repl[i]; {
		case c == '\\':
			if i+1 == len(repl) {
				return fmt.Errorf("a character to be escaped is missing")
			}
			_, n := utf8.DecodeRuneInString(repl[i+1:])
			b.WriteString(repl[i+1 : i+1+n])
			i += 1 + n
		case c == '$' && i+1 < len(repl) && repl[i+1] == '{':
			end := strings.IndexByte(repl[i:], '}')
			if end < 0 {
				return fmt.Errorf("a named group is not closed by }")
			}
			n := re.SubexpIndex(repl[i+2 : i+end])
			if n < 0 {
				return fmt.Errorf("no group with name {%s}", repl[i+2:i+end])
			}
			group(n)
			i += end + 1
		case c == '$':
			i++
			if i == len(repl) || !isDigit(repl[i]) {
				return fmt.Errorf("illegal group reference: a $ must be followed by a digit, or be escaped")
			}
			n := int(repl[i] - '0')
			if n >= len(m)/2 {
				return fmt.Errorf("no group %d", n)
			}
			for i++; i < len(repl) && isDigit(repl[i]) && n*10+int(repl[i]-'0') < len(m)/2; i++ {
				n = n*10 + int(repl[i]-'0')
			}
			group(n)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return nil
}

// split is String.split: a limit above zero bounds the parts, zero drops
// empty parts at the end, and a match of nothing at the start is ignored.
func (s *state) split(str, pattern string, limit int) (any, error) {
	re, err := s.regexp(pattern)
	if err != nil {
		return nil, err
	}
	text := toPlanes(str)
	l := &List{}
	last := 0
	found, err := s.find(re, text, -1)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		if limit > 0 && len(l.Items) == limit-1 {
			break
		}
		if m[1] == 0 || m[0] == len(text) && m[1] == m[0] && last == len(text) {
			continue
		}
		if err := s.step(1); err != nil {
			return nil, err
		}
		l.Items = append(l.Items, fromPlanes(text[last:m[0]]))
		last = m[1]
	}
	if last == 0 && len(l.Items) == 0 {
		l.Items = []any{str}
		return l, nil
	}
	l.Items = append(l.Items, fromPlanes(text[last:]))
	for limit == 0 && len(l.Items) > 0 && l.Items[len(l.Items)-1] == "" {
		l.Items = l.Items[:len(l.Items)-1]
	}
	return l, nil
}
