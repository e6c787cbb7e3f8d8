// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	key    = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var at = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// TestTheDocumentedExampleVerifies uses the worked example of the IAM user
// guide's signing chapter.
func TestTheDocumentedExampleVerifies(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "+
		"SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
	sig, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if sig.AccessKey != key || sig.Region != "us-east-1" || sig.Service != "iam" {
		t.Errorf("signature = %+v; want the example's scope", sig)
	}
	if err := sig.Verify(r, nil, secret, at, time.Minute); err != nil {
		t.Error(err)
	}
	if err := sig.Verify(r, nil, secret+"x", at, time.Minute); err == nil {
		t.Error("another secret verifies as well")
	}
}

// sign uses the SDK's signer, which shares no code with this package.
func sign(t *testing.T, method, target string, body []byte) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	sum := sha256.Sum256(body)
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: key, SecretAccessKey: secret},
		r, hex.EncodeToString(sum[:]), "apigateway", "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPathsAndQueriesAreCanonicalisedAsSignersDo(t *testing.T) {
	for _, target := range []string{
		"http://h/", "http://h", "http://h/restapis/abc", "http://h/a/b/",
		"http://h/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fabc",
		"http://h/comments/a%2Fb%20c", "http://h/comments/%E2%82%AC", "http://h/a~b-c_d.e",
		"http://h/?b=2&a=1", "http://h/?a=2&a=1", "http://h/?a", "http://h/?a=", "http://h/?a=b%20c%2Bd&z=%E2%82%AC", "http://h/?mode=overwrite&failonwarnings=false",
	} {
		t.Run(target, func(t *testing.T) {
			body := []byte(`{"x":1}`)
			r := sign(t, http.MethodPut, target, body)
			sig, err := Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := sig.Verify(r, body, secret, at, time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHeaderSpacesAreCollapsedAndValuesJoined(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://h/", nil)
	r.Header["X-Custom"] = []string{"  a   b  ", "c"}
	if got := headerValue(r, "x-custom"); got != "a b,c" {
		t.Errorf("value = %q; want %q", got, "a b,c")
	}
}

func TestClockSkewIsBounded(t *testing.T) {
	r := sign(t, http.MethodGet, "http://h/", nil)
	sig, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  time.Duration
		want string
	}{{0, ""}, {5 * time.Minute, ""}, {-5 * time.Minute, ""}, {5*time.Minute + time.Second, "Signature expired"}, {-5*time.Minute - time.Second, "Signature not yet current"}} {
		err := sig.Verify(r, nil, secret, at.Add(c.now), 5*time.Minute)
		var refused *Error
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &refused) || refused.Reason != Expired || !strings.HasPrefix(refused.Message, c.want)) {
			t.Errorf("clock off by %s: %v; want %q", c.now, err, c.want)
		}
	}
}

func TestUnreadableSignaturesSayWhatIsWrong(t *testing.T) {
	credential := "Credential=AKID/20150830/eu-west-1/iam/aws4_request"
	for _, c := range []struct{ authorization, date, want string }{
		{"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=x", "", "'X-Amz-Date' or a 'Date' header"},
		{"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=x", "20150830T123600Z", "'Credential' parameter"},
		{"AWS4-HMAC-SHA256 " + credential + ", Signature=x", "20150830T123600Z", "'SignedHeaders' parameter"},
		{"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=x-amz-date, Signature=x", "20150830T123600Z", "'Host' must be a 'SignedHeader'"},
		{"AWS4-HMAC-SHA256 Credential=AKID/x, SignedHeaders=host, Signature=x", "20150830T123600Z", "exactly 5 slash-delimited"},
		{"AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws3, SignedHeaders=host, Signature=x", "20150830T123600Z", "valid terminator"},
		{"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=x", "yesterday", "ISO-8601"},
		{"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=x", "20150831T123600Z", "does not match YYYYMMDD"},
		{"Basic eDp5", "20150830T123600Z", "Unsupported AWS 'algorithm'"},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://h/", nil)
		r.Header.Set("Authorization", c.authorization)
		if c.date != "" {
			r.Header.Set("X-Amz-Date", c.date)
		}
		if _, err := Parse(r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%s) = %v; want an error with %q", c.authorization, err, c.want)
		}
	}
	if _, err := Parse(httptest.NewRequest(http.MethodGet, "http://h/?a=b", nil)); !errors.Is(err, ErrMissing) {
		t.Errorf("an unsigned request: %v; want ErrMissing", err)
	}
}

func FuzzParseAndVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host;a, Signature=x", "20150830T123600Z", "a=b&X-Amz-Signature=1")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20150830/r/s/aws4_request&X-Amz-Signature=1&X-Amz-SignedHeaders=host&X-Amz-Date=20150830T123600Z&X-Amz-Expires=9")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "http://h/a/../b//c", nil)
		r.Header = http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}}
		r.URL.RawQuery = query
		sig, err := Parse(r)
		if err != nil {
			return
		}
		if err := sig.Verify(r, nil, secret, at, time.Minute); err == nil {
			t.Error("a made-up signature verifies")
		}
	})
}
