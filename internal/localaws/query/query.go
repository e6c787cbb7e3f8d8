// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package query speaks AWS's query protocol, which IAM and STS use: a form
// with Action and Version in, XML out.
package query

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// Params are the decoded parameters of a call.
type Params struct{ url.Values }

// Parse reads the parameters of a request whose body has been read. The form
// of the body wins over the query string.
func Parse(r *http.Request, body []byte) (Params, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return Params{}, Errorf(http.StatusBadRequest, "MalformedInput", "The form in the request body can't be read: %v", err)
	}
	fromURL, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Params{}, Errorf(http.StatusBadRequest, "MalformedQueryString", "The query string contains a syntax error: %v", err)
	}
	for k, v := range fromURL {
		if !values.Has(k) {
			values[k] = v
		}
	}
	return Params{values}, nil
}

// List returns the elements of prefix.member.1, prefix.member.2 and so on as
// far as they are there without a gap.
func (p Params) List(prefix string) []string {
	var out []string
	for i := 1; ; i++ {
		key := prefix + ".member." + strconv.Itoa(i)
		if !p.Has(key) {
			return out
		}
		out = append(out, p.Get(key))
	}
}

// Tag is a key and a value.
type Tag struct{ Key, Value string }

// Tags returns the elements of prefix.member.N.Key and .Value.
func (p Params) Tags(prefix string) []Tag {
	var out []Tag
	for i := 1; ; i++ {
		key := prefix + ".member." + strconv.Itoa(i)
		if !p.Has(key+".Key") && !p.Has(key+".Value") {
			return out
		}
		out = append(out, Tag{p.Get(key + ".Key"), p.Get(key + ".Value")})
	}
}

// Error is an answer of the query protocol.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{status, code, fmt.Sprintf(format, args...)}
}

// WriteError answers e in the XML of the protocol.
func WriteError(w http.ResponseWriter, namespace string, e *Error) {
	side := "Sender"
	if e.Status >= 500 {
		side = "Receiver"
	}
	id := NewRequestID()
	write(w, e.Status, id, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: namespace, Type: side, Code: e.Code, Message: printable(e.Message), RequestID: id})
}

// printable replaces what XML can't carry.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

type element struct {
	XMLName xml.Name
	Value   any
}

// MarshalXML writes the value under the name given at run time.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.Value, xml.StartElement{Name: e.XMLName})
}

// WriteResult answers 200 with <ActionResponse><ActionResult>result; a nil
// result leaves the ActionResult out.
func WriteResult(w http.ResponseWriter, namespace, action string, result any) {
	id := NewRequestID()
	var inner *element
	if result != nil {
		inner = &element{xml.Name{Local: action + "Result"}, result}
	}
	write(w, http.StatusOK, id, element{xml.Name{Local: action + "Response"}, struct {
		Namespace string `xml:"xmlns,attr"`
		Result    *element
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}{namespace, inner, id}})
}

func write(w http.ResponseWriter, status int, requestID string, doc any) {
	body, err := xml.Marshal(doc)
	if err != nil {
		status, body = http.StatusInternalServerError,
			[]byte("<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code></Error></ErrorResponse>")
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("x-amzn-RequestId", requestID)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// NewRequestID returns a random id in the form of a UUID.
func NewRequestID() string {
	h := core.NewID(32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
