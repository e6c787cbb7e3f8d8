// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

func TestNetworksThatAreNone(t *testing.T) {
	for _, bad := range []v1alpha1.CIDR{"", "192.0.2.1", "192.0.2.7/24", "192.0.2.0/33", "2001:DB8::/32", "2001:db8:0::/32",
		"::ffff:192.0.2.0/120", "192.0.2.0/24 ", "fe80::%eth0/64", `192.0.2.0/24"`} {
		spec := someSpec()
		spec.API.AllowedNetworks = []v1alpha1.CIDR{bad}
		if _, err := Render(spec, someFacts()); err == nil || !strings.Contains(err.Error(), "spec.api.allowedNetworks[0]") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestOpenCallsAreNamedAndNoOthers: every method without authorization is
// allowed, and no other, whatever its ids are.
func TestOpenCallsAreNamedAndNoOthers(t *testing.T) {
	spec := cases()["every-option"].spec
	spec.API.Caching = nil
	for _, authorization := range []v1alpha1.AuthorizationSpec{
		{}, {Post: v1alpha1.AuthorizationIAM}, {List: v1alpha1.AuthorizationIAM}, {Post: v1alpha1.AuthorizationIAM, List: v1alpha1.AuthorizationIAM},
	} {
		spec.API.Authorization = authorization
		api := mustRender(t, spec, someFacts()).API
		var policy struct{ Statement []invokeStatement }
		if err := json.Unmarshal([]byte(api.Policy), &policy); err != nil {
			t.Fatal(err)
		}
		for key, m := range api.Definition.Methods {
			verb, route, _ := strings.Cut(key, " ")
			for _, id := range []string{"x", "GET", "POST", "OPTIONS", "comments", "prod", "pending"} {
				call := stack.OwnExecuteAPI + "prod/" + verb + pathParameter.ReplaceAllString(route, id)
				allowed := false
				for _, s := range policy.Statement {
					for _, pattern := range s.Resource {
						allowed = allowed || s.Effect == "Allow" && matches(pattern, call)
					}
				}
				if open := m.Authorization == "NONE"; allowed != open {
					t.Errorf("authorization %v: %s is allowed: %t; want %t", authorization, call, allowed, open)
				}
			}
		}
	}
}

// matches is IAM's "*", which stands for slashes as well.
func matches(pattern, text string) bool {
	hide := strings.NewReplacer("/", "\x00").Replace
	ok, _ := path.Match(hide(pattern), hide(text))
	return ok
}

// TestTheLongestPolicyFits: API Gateway takes 8192 characters, and reports the
// policy with the API's own ARN and escaped quotes.
func TestTheLongestPolicyFits(t *testing.T) {
	spec := cases()["every-option"].spec
	spec.API.Authorization = v1alpha1.AuthorizationSpec{}
	spec.Region = "us-gov-west-1"
	spec.API.AccessLogs = nil
	spec.Stage = strings.Repeat("s", 128)
	spec.API.AllowedNetworks = nil
	for i := range maxNetworks {
		spec.API.AllowedNetworks = append(spec.API.AllowedNetworks, v1alpha1.CIDR(fmt.Sprintf("2001:db8:1111:2222:3333:4444:5555:%x/128", 0x6666+i)))
	}
	facts := someFacts()
	facts.Partition = "aws-us-gov"
	own := stack.ARN{Partition: facts.Partition, Region: spec.Region, AccountID: facts.AccountID}.ExecuteAPI("abcdefghij")
	policy := strings.ReplaceAll(mustRender(t, spec, facts).API.Policy, stack.OwnExecuteAPI, own)
	if n := len(strings.ReplaceAll(policy, `"`, `\"`)); n > 8192 {
		t.Errorf("the policy has %d characters", n)
	}
}
