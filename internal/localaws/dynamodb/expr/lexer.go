// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strconv"
	"strings"
)

// maxSize is how many bytes an expression may have (aws-facts H1).
const maxSize = 4096

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokName
	tokNamePlaceholder
	tokValuePlaceholder
	tokNumber
	tokSymbol
)

type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// Error is a complaint about an expression, in DynamoDB's words.
type Error string

// Error returns DynamoDB's text.
func (e Error) Error() string { return string(e) }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }

// lex splits an expression into tokens; the last one is tokEnd.
func lex(s string) ([]token, error) {
	if s == "" {
		return nil, Error("The expression can not be empty;")
	}
	if len(s) > maxSize {
		return nil, Error("Expression size has exceeded the maximum allowed size; expression size: " + strconv.Itoa(len(s)))
	}
	var tokens []token
	for i := 0; i < len(s); {
		c := s[i]
		start := i
		kind := tokSymbol
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isLetter(c) || c == '_':
			kind, i = tokName, word(s, i)
		case isDigit(c):
			kind = tokNumber
			for i < len(s) && isDigit(s[i]) {
				i++
			}
		case c == '#' && word(s, i+1) > i+1:
			kind, i = tokNamePlaceholder, word(s, i+1)
		case c == ':' && word(s, i+1) > i+1:
			kind, i = tokValuePlaceholder, word(s, i+1)
		case strings.HasPrefix(s[i:], "<>") || strings.HasPrefix(s[i:], "<=") || strings.HasPrefix(s[i:], ">="):
			i += 2
		case strings.IndexByte("=<>(),.[]+-", c) >= 0:
			i++
		default:
			tokens = append(tokens, token{tokSymbol, s[i : i+1], i, i + 1})
			return nil, syntaxError(s, tokens, len(tokens)-1)
		}
		tokens = append(tokens, token{kind, s[start:i], start, i})
	}
	return append(tokens, token{tokEnd, "<EOF>", len(s), len(s)}), nil
}

func word(s string, i int) int {
	for i < len(s) && isWord(s[i]) {
		i++
	}
	return i
}

// syntaxError names the token that doesn't fit and shows its neighbours.
func syntaxError(s string, tokens []token, at int) error {
	near := s[tokens[max(at-1, 0)].start:tokens[min(at+1, len(tokens)-1)].end]
	return Error("Syntax error; token: \"" + tokens[at].text + "\", near: \"" + near + "\"")
}
