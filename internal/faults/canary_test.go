// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// Canaries: no log line, event or status may hold them. The values of API keys
// and the secrets of assumed roles, which AWS makes up, are canaries too.
const (
	secretCanary  = "CANARYSECRETCANARYSECRETCANARYSECRET0000"
	commentCanary = "canary-comment-text"
)

// sessionSecrets are the parts of AssumeRole's answer that nobody may see.
var sessionSecrets = regexp.MustCompile(`<(SecretAccessKey|SessionToken)>([^<]+)</`)

// overheard keeps the secrets that AWS answers with.
func (w *world) overheard(resp *http.Response) *http.Response {
	if awsmiddleware.GetOperationName(resp.Request.Context()) != "AssumeRole" {
		return resp
	}
	body := readBody(resp)
	for _, found := range sessionSecrets.FindAllStringSubmatch(string(body), -1) {
		w.sessions[found[2]] = "the " + found[1] + " of an assumed role"
	}
	return answerLike(resp, body)
}

// checkCanaries looks for canaries in what the operator said.
func (w *world) checkCanaries(said string) {
	shown := func(canary, what string) {
		if strings.Contains(said, canary) {
			w.violate("%s is shown", what)
		}
	}
	shown(secretCanary, "the operator's secret key")
	shown(commentCanary, "the text of a comment")
	for secret, what := range w.sessions {
		shown(secret, what)
	}
	for _, k := range w.account().keys {
		shown(k.Value, "the value of an API key")
	}
}

// TestCanariesAreKnown: what AWS makes up is looked for as well as what the
// harness gave the operator.
func TestCanariesAreKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, false)
		w.tenant()
		w.create(keyed)
		w.settle()
		secrets := []string{secretCanary, commentCanary}
		for secret := range w.sessions {
			secrets = append(secrets, secret)
		}
		for _, id := range w.account().claimedKeys() {
			secrets = append(secrets, w.account().keys[id].Value)
		}
		if len(secrets) < 5 || len(w.violations) > 0 {
			t.Fatalf("%d canaries are known, want 5 or more: the key, the comment, two of each session of the assumed role and the API key's value; violations: %q", len(secrets), w.violations)
		}
		for _, secret := range secrets {
			w.violations = nil
			if w.checkCanaries("a line with " + secret + " in it"); len(w.violations) != 1 {
				t.Errorf("a line with a canary leads to %q", w.violations)
			}
		}
	})
}
