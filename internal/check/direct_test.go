// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"net/http"
	"net/http/httptest"
)

// direct asks the local AWS without a network between: an outsider's call is
// the premise of a test, made once, and a reply that the client's own transport
// loses (a closed connection on a busy machine) would leave nothing proven. The
// operator's calls go over HTTP.
type direct struct{ aws http.Handler }

// Do implements aws.HTTPClient.
func (d direct) Do(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RemoteAddr = "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	out := httptest.NewRecorder()
	d.aws.ServeHTTP(out, in)
	return out.Result(), nil
}
