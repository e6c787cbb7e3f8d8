// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// FuzzQueryProtocol sends signed forms to IAM and STS: whatever is in them,
// the answer is well-formed XML and no server error.
func FuzzQueryProtocol(f *testing.F) {
	for _, body := range []string{
		"Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=a&Tags.member.1.Value=%01",
		"Action=ListRoles&Version=2010-05-08&MaxItems=1&Marker=x",
		"Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=s&DurationSeconds=900",
		"Action=AttachRolePolicy&Version=2010-05-08&RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess",
		"Action=GetPolicyVersion&Version=2010-05-08&PolicyArn=arn:aws:iam:::policy/&VersionId=v1",
		"Action=%ff&Version=2010-05-08", "&&==%",
	} {
		f.Add(body, strings.Contains(body, "2011"))
	}
	s, err := New(Options{Report: func(m string) { f.Error(m) }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string, toSTS bool) {
		service := svcIAM
		if toSTS {
			service = svcSTS
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, signedInProcess(t, http.MethodPost, "/", service, body))
		if w.Code >= 500 {
			t.Errorf("answer to %q = %d %s; want none of the server's own errors", body, w.Code, w.Body)
		}
		if err := xml.Unmarshal(w.Body.Bytes(), new(struct{})); err != nil {
			t.Errorf("answer to %q is no XML: %v\n%s", body, err, w.Body)
		}
	})
}

func signedInProcess(t testing.TB, method, target, service, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	sum := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"},
		r, hex.EncodeToString(sum[:]), service, "eu-west-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FuzzRouting sends arbitrary requests: each gets an answer in JSON or XML,
// and none a panic.
func FuzzRouting(f *testing.F) {
	f.Add("GET", "/restapis?limit=x", "", "", "", "")
	f.Add("POST", "/", "application/x-amz-json-1.0", "DynamoDB_20120810.ListTables", "", "{}")
	f.Add("POST", "/", "application/x-www-form-urlencoded", "", "Bearer x", "Action=GetRole&Version=2010-05-08")
	f.Add("GET", "/execute-api/abc/prod/comments/%2F%zz?x=%", "", "", "", "")
	f.Add("GET", "/execute-api", "", "", "", "")
	f.Add("PUT", "/_local/nature", "", "", "", `{"lag":{"iam":"x"}}`)
	f.Add("DELETE", "/_local/faults?id=%00", "", "", "", "")
	f.Add("POST", "/tags/%2F%2F", "", "", "AWS4-HMAC-SHA256 Credential=local/20150830/eu-west-1/apigateway/aws4_request, SignedHeaders=host, Signature=x", "")
	s, err := New(Options{Report: func(m string) { f.Error(m) }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target, contentType, amzTarget, authorization, body string) {
		r, err := http.NewRequest(method, "http://h"+target, strings.NewReader(body))
		if err != nil || !strings.HasPrefix(target, "/") || strings.Contains(body, "Hang") {
			return // net/http lets no such request in; a hanging call is no answer
		}
		r.Header = http.Header{"Content-Type": {contentType}, "X-Amz-Target": {amzTarget}}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		s.faults.remove("")
		if w.Code == http.StatusNoContent {
			return
		}
		if !json.Valid(w.Body.Bytes()) && xml.Unmarshal(w.Body.Bytes(), new(struct{})) != nil {
			t.Errorf("answer to %s %s = %d %q; want JSON or XML", method, target, w.Code, w.Body)
		}
	})
}
