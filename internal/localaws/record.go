// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

// answer is a buffered response, so that faults can change it and the log can
// read it before the client does.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter; the first status counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// send gives the answer to the client.
func (a *answer) send(w http.ResponseWriter) {
	a.WriteHeader(http.StatusOK)
	copyHeader(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// replace changes the body and what depends on it.
func (a *answer) replace(body string) {
	a.body.Reset()
	a.body.WriteString(body)
	a.header.Del("X-Amz-Crc32")
	a.header.Set("Content-Length", strconv.Itoa(len(body)))
}

// sendHalf breaks off in the middle of the body, by ending the handler the
// way net/http offers for it.
func (a *answer) sendHalf(w http.ResponseWriter) {
	a.WriteHeader(http.StatusOK)
	copyHeader(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(max(a.body.Len(), 2)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

func copyHeader(to, from http.Header) {
	for k, v := range from {
		to[k] = v
	}
}

// errorCode reads the AWS error code out of an answer.
func (a *answer) errorCode() string {
	if a.status < 400 {
		return ""
	}
	if t := a.header.Get("x-amzn-ErrorType"); t != "" {
		code, _, _ := strings.Cut(t, ":")
		return code
	}
	if strings.Contains(a.header.Get("Content-Type"), "xml") {
		var doc struct {
			Code string `xml:"Error>Code"`
		}
		_ = xml.Unmarshal(a.body.Bytes(), &doc) // no code, then
		return doc.Code
	}
	var doc struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(a.body.Bytes(), &doc) // no code, then
	return doc.Type[strings.LastIndex(doc.Type, "#")+1:]
}
