// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const mismatchText = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// Verify checks the signature of r, whose body has been read into body,
// against the secret. skew is how far the signing time may be from now: 5
// minutes for most services, 15 for IAM and STS. Refusals are *Error.
func (s *Signature) Verify(r *http.Request, body []byte, secret string, now time.Time, skew time.Duration) error {
	if err := s.checkTime(now.UTC(), skew); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if claimed := r.Header.Get("X-Amz-Content-Sha256"); claimed != "" && claimed != hash && !s.Presigned {
		return &Error{Mismatch, mismatchText}
	}
	key := signingKey(secret, s.date, s.Region, s.Service)
	for _, p := range canonicalPaths(r.URL) {
		canonical := s.canonicalRequest(r, p, hash)
		digest := sha256.Sum256([]byte(canonical))
		toSign := strings.Join([]string{
			algorithm, s.Time.Format(timeLayout), s.Scope(), hex.EncodeToString(digest[:]),
		}, "\n")
		want := hex.EncodeToString(mac(key, toSign))
		if hmac.Equal([]byte(want), []byte(s.value)) {
			return nil
		}
	}
	return &Error{Mismatch, mismatchText}
}

func (s *Signature) checkTime(now time.Time, skew time.Duration) error {
	minutes := int(skew.Minutes())
	if s.Time.After(now.Add(skew)) {
		return &Error{Expired, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
			s.Time.Format(timeLayout), now.Add(skew).Format(timeLayout), now.Format(timeLayout), minutes)}
	}
	if s.Presigned {
		if end := s.Time.Add(s.Lifetime); now.After(end) {
			return &Error{Expired, fmt.Sprintf("Signature expired: %s is now earlier than %s",
				end.Format(timeLayout), now.Format(timeLayout))}
		}
		return nil
	}
	if s.Time.Before(now.Add(-skew)) {
		return &Error{Expired, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
			s.Time.Format(timeLayout), now.Add(-skew).Format(timeLayout), now.Format(timeLayout), minutes)}
	}
	return nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signingKey(secret, date, region, service string) []byte {
	k := mac([]byte("AWS4"+secret), date)
	k = mac(k, region)
	k = mac(k, service)
	return mac(k, terminator)
}

func (s *Signature) canonicalRequest(r *http.Request, canonicalPath, bodyHash string) string {
	var headers strings.Builder
	for _, name := range s.SignedHeaders {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	return strings.Join([]string{
		r.Method, canonicalPath, canonicalQuery(r.URL.RawQuery), headers.String(),
		strings.Join(s.SignedHeaders, ";"), bodyHash,
	}, "\n")
}

// headerValue is a header's canonical value. net/http takes Host and
// Content-Length out of the header map.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := r.Header.Values(name)
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Join(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' }), " ")
	}
	return strings.Join(out, ",")
}

// canonicalPaths returns the encodings of the path that signers use: every
// service but S3 signs the already encoded path encoded once more. Signers
// differ in whether they remove dot segments and double slashes first.
func canonicalPaths(u *url.URL) []string {
	raw := u.EscapedPath()
	if raw == "" {
		raw = "/"
	}
	out := []string{escape(raw, true)}
	clean := path.Clean(raw)
	if strings.HasSuffix(raw, "/") && clean != "/" {
		clean += "/"
	}
	if clean != raw {
		out = append(out, escape(clean, true))
	}
	return out
}

// canonicalQuery sorts and re-encodes the query without the signature itself.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	type pair struct{ k, v string }
	var pairs []pair
	for _, part := range strings.Split(raw, "&") {
		if part == "" {
			continue
		}
		k, v, _ := strings.Cut(part, "=")
		k, v = unescape(k), unescape(v)
		if k == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, pair{escape(k, false), escape(v, false)})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if c := strings.Compare(a.k, b.k); c != 0 {
			return c
		}
		return strings.Compare(a.v, b.v)
	})
	out := make([]string, len(pairs))
	for i, p := range pairs {
		out[i] = p.k + "=" + p.v
	}
	return strings.Join(out, "&")
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

const upperHex = "0123456789ABCDEF"

// escape encodes all but RFC 3986's unreserved characters, and optionally the
// slash.
func escape(s string, keepSlash bool) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
			strings.IndexByte("-_.~", c) >= 0 || keepSlash && c == '/' {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(upperHex[c>>4])
		out.WriteByte(upperHex[c&15])
	}
	return out.String()
}
