// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"net/http"
	"regexp"
	"strings"

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
