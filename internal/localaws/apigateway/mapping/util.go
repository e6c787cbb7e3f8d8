// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// util is $util (aws-facts E2).
type util struct{}

// Get has no properties.
func (util) Get(string) (any, bool) { return nil, false }

// String is of no use to a template.
func (util) String() string { return "util" }

// Call answers the six functions of $util. A missing value stays missing;
// other values than strings are taken by their text.
func (util) Call(method string, args []any) (any, error) {
	if len(args) != 1 {
		return nil, velocity.ErrNoMethod
	}
	f := map[string]func(string) (any, error){
		"escapeJavaScript": escapeJavaScript,
		"parseJson":        parse,
		"urlEncode":        urlEncode,
		"urlDecode":        urlDecode,
		"base64Encode":     base64Encode,
		"base64Decode":     base64Decode,
	}[method]
	if f == nil {
		return nil, velocity.ErrNoMethod
	}
	if args[0] == nil {
		return nil, nil
	}
	arg, err := text(args[0])
	if err != nil {
		return nil, err
	}
	return f(arg)
}

// escapeJavaScript escapes as StringEscapeUtils of commons-lang 2 does: also
// the single quote and the slash, and all but ASCII as \uXXXX by UTF-16 unit.
func escapeJavaScript(s string) (any, error) {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for _, u := range velocity.UTF16(s) {
		switch {
		case u == '\b':
			b.WriteString(`\b`)
		case u == '\n':
			b.WriteString(`\n`)
		case u == '\t':
			b.WriteString(`\t`)
		case u == '\f':
			b.WriteString(`\f`)
		case u == '\r':
			b.WriteString(`\r`)
		case u < 0x20 || u > 0x7F:
			fmt.Fprintf(&b, `\u%04X`, u)
		case u == '\'' || u == '"' || u == '\\' || u == '/':
			b.WriteByte('\\')
			b.WriteByte(byte(u))
		default:
			b.WriteByte(byte(u))
		}
	}
	return b.String(), nil
}

func parse(s string) (any, error) {
	v, err := velocity.ParseJSON(s)
	if err != nil {
		return nil, fmt.Errorf("$util.parseJson: %w", err)
	}
	return v, nil
}

// urlEncode is java.net.URLEncoder, which unlike Go leaves * alone and
// escapes ~.
func urlEncode(s string) (any, error) {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(velocity.EncodeUTF8(s))), nil
}

func urlDecode(s string) (any, error) {
	v, err := url.QueryUnescape(s)
	if err != nil {
		return nil, fmt.Errorf("$util.urlDecode: %w", err)
	}
	return string([]rune(v)), nil
}

func base64Encode(s string) (any, error) {
	return base64.StdEncoding.EncodeToString([]byte(velocity.EncodeUTF8(s))), nil
}

func base64Decode(s string) (any, error) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, fmt.Errorf("$util.base64Decode: %w", err)
	}
	return string([]rune(string(raw))), nil
}
