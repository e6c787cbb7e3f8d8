// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// maxNetworks keeps the policy below API Gateway's 8192 characters (aws-facts
// A3), with the longest networks and the longest stage name.
const maxNetworks = 100

// invokeStatement is a statement of a resource policy about calling the API.
type invokeStatement struct {
	Sid       string
	Effect    string
	Principal string
	Action    string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// networkPolicy is the resource policy that lets only the spec's networks call;
// empty without networks.
//
// A policy changes who may call in two ways. Calls without authorization need
// an explicit allow, so what is open has to be named. And for calls that are
// signed within the API's own account, an allow here counts as much as one in
// the caller's IAM policies: an allow of everything would let every identity of
// the account moderate. So the allow names the open methods only, under the
// stage's own name: a "*" in its place would reach across slashes, up to an id
// that a client chose. The deny is for everything, and nothing overrides it.
// Resources are in the short form that API Gateway completes (aws-facts B4).
func networkPolicy(spec v1alpha1.CommentsAPISpec, definition stack.Definition) (string, error) {
	if len(spec.API.AllowedNetworks) == 0 {
		return "", nil
	}
	networks := make([]string, len(spec.API.AllowedNetworks))
	for i, n := range spec.API.AllowedNetworks {
		networks[i] = string(n)
	}
	slices.Sort(networks)
	statements := []invokeStatement{{
		Sid: "RefuseOtherNetworks", Effect: "Deny", Principal: "*", Action: "execute-api:Invoke",
		Resource:  []string{stack.OwnExecuteAPI + "*"},
		Condition: map[string]map[string][]string{"NotIpAddress": {"aws:SourceIp": slices.Compact(networks)}},
	}}
	if open := openCalls(spec.Stage, definition); len(open) > 0 {
		statements = append(statements, invokeStatement{
			Sid: "OpenCalls", Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: open})
	}
	text, err := json.Marshal(map[string]any{"Version": policyVersion, "Statement": statements})
	if err != nil {
		return "", fmt.Errorf("encode the API's resource policy: %w", err)
	}
	return string(text), nil
}

var pathParameter = regexp.MustCompile(`\{[^/}]+\}`)

// openCalls are the stage's methods without authorization, without those that
// another of them covers.
func openCalls(stage string, definition stack.Definition) []string {
	var open []string
	for _, key := range sortedKeys(definition.Methods) {
		if definition.Methods[key].Authorization != "NONE" {
			continue
		}
		verb, path, _ := strings.Cut(key, " ")
		call := stack.OwnExecuteAPI + stage + "/" + verb + pathParameter.ReplaceAllString(path, "*")
		covered := slices.ContainsFunc(open, func(o string) bool {
			prefix, wild := strings.CutSuffix(o, "*")
			return wild && strings.HasPrefix(call, prefix)
		})
		if !covered {
			open = append(open, call)
		}
	}
	return open
}

func checkNetworks(p *problems, networks []v1alpha1.CIDR) {
	const field = "spec.api.allowedNetworks"
	if len(networks) > maxNetworks {
		p.add(field, len(networks), fmt.Sprintf("use at most %d networks", maxNetworks))
	}
	for i, n := range networks {
		prefix, err := netip.ParsePrefix(string(n))
		if err != nil || prefix.Masked().String() != string(n) || prefix.Addr().Is4In6() {
			p.add(fmt.Sprintf("%s[%d]", field, i), n, "use a network in its shortest form, like 192.0.2.0/24, 192.0.2.1/32 or 2001:db8::/32")
		}
	}
}
