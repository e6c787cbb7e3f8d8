// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import "testing"

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`

func TestPoliciesAreComparedByMeaning(t *testing.T) {
	statement := func(inner string) string { return `{"Statement":[{"Effect":"Allow",` + inner + `}]}` }
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"spaces and order of keys", trust, `{ "Statement": [ {"Action":["sts:AssumeRole"],"Principal":{"Service":"apigateway.amazonaws.com"},"Effect":"Allow"} ], "Version":"2012-10-17" }`, true},
		{"a single value and a list of one", statement(`"Action":"a:B","Resource":["r"]`), `{"Statement":{"Effect":"Allow","Action":["a:B"],"Resource":"r"}}`, true},
		{"order of a list", statement(`"Action":["a:B","a:C"]`), statement(`"Action":["a:C","a:B"]`), true},
		{"repetition", statement(`"Action":["a:B","a:B"]`), statement(`"Action":"a:B"`), true},
		{"order of statements", `{"Statement":[{"Sid":"a"},{"Sid":"b"}]}`, `{"Statement":[{"Sid":"b"},{"Sid":"a"}]}`, true},
		{"an account and its root", statement(`"Principal":{"AWS":"123456789012"}`), statement(`"Principal":{"AWS":["arn:aws:iam::123456789012:root"]}`), true},
		{"everybody", statement(`"Principal":"*"`), statement(`"Principal":{"AWS":"*"}`), true},
		{"everybody, in a list", statement(`"Principal":"*"`), statement(`"Principal":{"AWS":["*"]}`), true},
		{"truth values of conditions", statement(`"Condition":{"Bool":{"aws:SecureTransport":true}}`), statement(`"Condition":{"Bool":{"aws:SecureTransport":["true"]}}`), true},
		{"escaped slashes", statement(`"Resource":"a\/b"`), statement(`"Resource":"a/b"`), true},
		{"none", "", "", true},

		{"another effect", `{"Statement":[{"Effect":"Allow"}]}`, `{"Statement":[{"Effect":"Deny"}]}`, false},
		{"another action", statement(`"Action":"a:B"`), statement(`"Action":"a:C"`), false},
		{"one action more", statement(`"Action":["a:B"]`), statement(`"Action":["a:B","a:C"]`), false},
		{"a condition more", statement(`"Action":"a:B"`), statement(`"Action":"a:B","Condition":{"Bool":{"x":"true"}}`), false},
		{"another account", statement(`"Principal":{"AWS":"123456789012"}`), statement(`"Principal":{"AWS":"arn:aws:iam::210987654321:root"}`), false},
		{"a user of the account", statement(`"Principal":{"AWS":"123456789012"}`), statement(`"Principal":{"AWS":"arn:aws:iam::123456789012:user/a"}`), false},
		{"an account as a resource", statement(`"Resource":"123456789012"`), statement(`"Resource":"arn:aws:iam::123456789012:root"`), false},
		{"one and none", trust, "", false},
		{"one and no JSON", trust, "{", false},
		{"two values", trust, trust + trust, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SamePolicy(tt.a, tt.b); got != tt.same {
				t.Errorf("SamePolicy = %v; want %v of\n%s\n%s", got, tt.same, tt.a, tt.b)
			}
			if got := SamePolicy(tt.b, tt.a); got != tt.same {
				t.Errorf("the other way round SamePolicy = %v; want %v", got, tt.same)
			}
		})
	}
}

func TestSchemasAreComparedByMeaning(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"spaces and order of keys", `{"type":"object","properties":{"a":{"type":"string"}}}`, `{ "properties" : {"a":{"type":"string"}}, "type":"object" }`, true},
		{"order of required properties", `{"required":["a","b"]}`, `{"required":["b","a"]}`, true},
		{"order of an enumeration", `{"enum":[1,"b"]}`, `{"enum":["b",1]}`, true},
		{"a property called required", `{"properties":{"required":{"type":"string"}}}`, `{"properties":{"required":{"type":"number"}}}`, false},
		{"order of a tuple", `{"items":[{"type":"string"},{"type":"number"}]}`, `{"items":[{"type":"number"},{"type":"string"}]}`, false},
		{"a tuple and a list", `{"items":[{"type":"string"}]}`, `{"items":{"type":"string"}}`, false},
		{"another limit", `{"maxLength":10}`, `{"maxLength":11}`, false},
		{"limits beyond floating point", `{"maximum":9007199254740993}`, `{"maximum":9007199254740992}`, false},
		{"one less required", `{"required":["a","b"]}`, `{"required":["a"]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SameSchema(tt.a, tt.b); got != tt.same {
				t.Errorf("SameSchema = %v; want %v of\n%s\n%s", got, tt.same, tt.a, tt.b)
			}
		})
	}
}
