// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"testing"
)

// doc wraps statements.
func doc(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

func mustParse(t testing.TB, text string, kind Kind) *Document {
	t.Helper()
	d, err := Parse(text, kind)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return d
}

const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/blog"

func TestIdentityStatementsMatchActionsAndResources(t *testing.T) {
	for _, c := range []struct {
		name, statements, action, resource string
		want                               Decision
	}{
		{"exact", `{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"` + table + `"}`, "dynamodb:PutItem", table, Allowed},
		{"another action", `{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*"}`, "dynamodb:GetItem", table, Silent},
		{"the table doesn't cover its index", `{"Effect":"Allow","Action":"*","Resource":"` + table + `"}`, "dynamodb:Query", table + "/index/pageId-index", Silent},
		{"a wildcard does", `{"Effect":"Allow","Action":"*","Resource":"` + table + `/*"}`, "dynamodb:Query", table + "/index/pageId-index", Allowed},
		{"actions ignore case", `{"Effect":"Allow","Action":"DynamoDB:put*","Resource":"*"}`, "dynamodb:PutItem", table, Allowed},
		{"resources don't", `{"Effect":"Allow","Action":"*","Resource":"` + table + `"}`, "dynamodb:PutItem", strings.ToUpper(table[:3]) + table[3:], Silent},
		{"question mark", `{"Effect":"Allow","Action":"dynamodb:?etItem","Resource":"*"}`, "dynamodb:GetItem", table, Allowed},
		{"a region wildcard stays in its component", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*:999999999999:table/blog"}`, "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:999999999999:table/blog", Silent},
		{"region wildcard", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*:123456789012:table/blog"}`, "dynamodb:PutItem", table, Allowed},
		{"short pattern ending in a star", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*"}`, "dynamodb:PutItem", table, Allowed},
		{"NotAction", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "dynamodb:PutItem", table, Allowed},
		{"NotAction excludes", `{"Effect":"Allow","NotAction":"dynamodb:*","Resource":"*"}`, "dynamodb:PutItem", table, Silent},
		{"NotResource", `{"Effect":"Allow","Action":"*","NotResource":"` + table + `"}`, "dynamodb:PutItem", table + "2", Allowed},
		{"NotResource excludes", `{"Effect":"Allow","Action":"*","NotResource":"` + table + `"}`, "dynamodb:PutItem", table, Silent},
		{"deny wins in any order", `{"Effect":"Deny","Action":"dynamodb:PutItem","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}`, "dynamodb:PutItem", table, Denied},
		{"deny of something else", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, "dynamodb:PutItem", table, Allowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustParse(t, doc(c.statements), Identity).Evaluate(Request{Action: c.action, Resource: c.resource})
			if got != c.want {
				t.Errorf("decision = %d; want %d", got, c.want)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	have := map[string][]string{
		"aws:SourceIp": {"203.0.113.7"}, "aws:RequestTag/team": {"blog"}, "aws:TagKeys": {"team", "env"},
		"aws:CurrentTime": {"2026-06-01T12:00:00Z"}, "s3:max-keys": {"10"}, "aws:SecureTransport": {"false"},
		"aws:SourceArn": {"arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/comments"},
	}
	for _, c := range []struct {
		condition string
		want      bool
	}{
		{`"StringEquals":{"aws:RequestTag/team":"blog"}`, true},
		{`"StringEquals":{"AWS:requesttag/TEAM":"blog"}`, true},
		{`"StringEquals":{"aws:RequestTag/team":"Blog"}`, false},
		{`"StringEquals":{"aws:RequestTag/team":["a","blog"]}`, true},
		{`"StringEquals":{"aws:RequestTag/team":"blog","aws:SourceIp":"x"}`, false},
		{`"StringEqualsIgnoreCase":{"aws:RequestTag/team":"BLOG"}`, true},
		{`"StringNotEquals":{"aws:RequestTag/team":"other"}`, true},
		{`"StringNotEquals":{"aws:RequestTag/team":["other","blog"]}`, false},
		{`"StringNotEquals":{"absent":"x"}`, true},
		{`"StringEquals":{"absent":"x"}`, false},
		{`"StringEqualsIfExists":{"absent":"x"}`, true},
		{`"StringEqualsIfExists":{"aws:RequestTag/team":"x"}`, false},
		{`"StringLike":{"aws:RequestTag/team":"b*"}`, true},
		{`"StringNotLike":{"aws:RequestTag/team":"b*"}`, false},
		{`"ArnLike":{"aws:SourceArn":"arn:aws:execute-api:*:123456789012:abc/*"}`, true},
		{`"ArnEquals":{"aws:SourceArn":"arn:aws:execute-api:*:999999999999:abc/*"}`, false},
		{`"ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::*"}`, true},
		{`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, true},
		{`"IpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.7"]}`, true},
		{`"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`, false},
		{`"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","198.51.100.0/24"]}`, true},
		{`"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]}`, false},
		{`"Bool":{"aws:SecureTransport":"false"}`, true},
		{`"Bool":{"aws:SecureTransport":true}`, false},
		{`"Null":{"absent":"true"}`, true},
		{`"Null":{"absent":false}`, false},
		{`"Null":{"aws:SourceIp":"false"}`, true},
		{`"NumericLessThan":{"s3:max-keys":11}`, true},
		{`"NumericGreaterThanEquals":{"s3:max-keys":"10"}`, true},
		{`"NumericNotEquals":{"s3:max-keys":10}`, false},
		{`"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}`, true},
		{`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`, false},
		{`"ForAnyValue:StringEquals":{"aws:TagKeys":["env"]}`, true},
		{`"ForAnyValue:StringEquals":{"aws:TagKeys":["other"]}`, false},
		{`"ForAnyValue:StringEquals":{"absent":["other"]}`, false},
		{`"ForAllValues:StringEquals":{"aws:TagKeys":["team","env","more"]}`, true},
		{`"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`, false},
		{`"ForAllValues:StringEquals":{"absent":["team"]}`, true},
		{`"ForAnyValue:StringNotEquals":{"aws:TagKeys":["team"]}`, true},
		{`"StringEquals":{"aws:RequestTag/team":"${aws:RequestTag/team}"}`, true},
		{`"StringEquals":{"aws:RequestTag/team":"${absent}"}`, false},
		{`"StringLike":{"aws:RequestTag/team":"${absent, 'bl'}*"}`, true},
	} {
		t.Run(c.condition, func(t *testing.T) {
			d := mustParse(t, doc(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{`+c.condition+`}}`), Identity)
			if got := d.Evaluate(Request{Action: "a:b", Resource: "*", Context: have}) == Allowed; got != c.want {
				t.Errorf("holds = %t; want %t", got, c.want)
			}
		})
	}
}

func TestTrustAndResourcePoliciesNamePrincipals(t *testing.T) {
	service := Principal{Service: "apigateway.amazonaws.com"}
	user := Principal{ARN: "arn:aws:iam::123456789012:user/local", AccountID: "123456789012"}
	session := Principal{ARN: "arn:aws:sts::123456789012:assumed-role/ci/run", RoleARN: "arn:aws:iam::123456789012:role/x/ci", AccountID: "123456789012"}
	for _, c := range []struct {
		principal string
		who       Principal
		want      Decision
		byName    bool
	}{
		{`{"Service":"apigateway.amazonaws.com"}`, service, Allowed, false},
		{`{"Service":["lambda.amazonaws.com","apigateway.amazonaws.com"]}`, service, Allowed, false},
		{`{"Service":"lambda.amazonaws.com"}`, service, Silent, false},
		{`{"AWS":"*"}`, service, Silent, false},
		{`"*"`, service, Allowed, true},
		{`{"AWS":"*"}`, user, Allowed, false},
		{`{"AWS":"123456789012"}`, user, Allowed, false},
		{`{"AWS":"arn:aws:iam::123456789012:root"}`, user, Allowed, false},
		{`{"AWS":"arn:aws:iam::123456789012:root"}`, session, Allowed, false},
		{`{"AWS":"arn:aws:iam::999999999999:root"}`, user, Silent, false},
		{`{"AWS":"arn:aws:iam::123456789012:user/local"}`, user, Allowed, true},
		{`{"AWS":"arn:aws:iam::123456789012:role/x/ci"}`, session, Allowed, true},
		{`{"AWS":"arn:aws:sts::123456789012:assumed-role/ci/run"}`, session, Allowed, true},
		{`{"AWS":"arn:aws:iam::123456789012:role/x/other"}`, session, Silent, false},
		{`{"Federated":"cognito-identity.amazonaws.com"}`, user, Silent, false},
	} {
		t.Run(c.principal+" "+c.who.ARN+c.who.Service, func(t *testing.T) {
			d := mustParse(t, doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":`+c.principal+`}`), Trust)
			r := Request{Principal: c.who, Action: "sts:AssumeRole"}
			if got := d.Evaluate(r); got != c.want {
				t.Errorf("decision = %d; want %d", got, c.want)
			}
			if got := d.GrantsByName(r); got != c.byName {
				t.Errorf("GrantsByName = %t; want %t", got, c.byName)
			}
		})
	}
	d := mustParse(t, doc(`{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/local"},"Action":"execute-api:Invoke","Resource":"*"},
		{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}`), Resource)
	if got := d.Evaluate(Request{Principal: user, Action: "execute-api:Invoke", Resource: "x"}); got != Allowed {
		t.Errorf("the excepted principal: %d; want Allowed", got)
	}
	if got := d.Evaluate(Request{Action: "execute-api:Invoke", Resource: "x"}); got != Denied {
		t.Errorf("an anonymous caller: %d; want Denied", got)
	}
}

func TestCheckIdentityIntersectsTheBoundaryAndSaysWhy(t *testing.T) {
	allow := func(action string) *Document {
		return mustParse(t, doc(`{"Effect":"Allow","Action":"`+action+`","Resource":"*"}`), Identity)
	}
	deny := mustParse(t, doc(`{"Effect":"Deny","Action":"a:c","Resource":"*"}`), Identity)
	for _, c := range []struct {
		policies []*Document
		boundary *Document
		action   string
		want     string
	}{
		{[]*Document{allow("a:*")}, nil, "a:b", ""},
		{[]*Document{allow("a:*")}, allow("a:b"), "a:b", ""},
		{nil, nil, "a:b", "because no identity-based policy allows the a:b action"},
		{[]*Document{allow("a:*")}, allow("a:b"), "a:x", "because no permissions boundary allows the a:x action"},
		{[]*Document{allow("a:*"), deny}, nil, "a:c", "with an explicit deny in an identity-based policy"},
		{[]*Document{allow("a:*")}, deny, "a:c", "with an explicit deny in a permissions boundary"},
	} {
		err := CheckIdentity(c.policies, c.boundary, Request{Action: c.action, Resource: "*"})
		if got := fmt.Sprint(err); got != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %v; want %q", c.action, err, c.want)
		}
	}
}

func TestMalformedDocumentsAreRefused(t *testing.T) {
	statement := `"Effect":"Allow","Action":"a:b","Resource":"*"`
	for _, c := range []struct {
		text string
		kind Kind
		want string
	}{
		{``, Identity, "invalid Json"},
		{`{"Version":"2012-10-17"}`, Identity, "Syntax errors"},
		{`{"Version":"2012-10-17","Statement":[]}`, Identity, "at least one statement"},
		{`{"Version":"2013-01-01","Statement":[{` + statement + `}]}`, Identity, "valid version"},
		{doc(`{`+statement+`}`) + `{}`, Identity, "invalid Json"},
		{doc(`{` + statement + `,"Extra":1}`), Identity, "Syntax errors"},
		{doc(`{"Effect":"allow","Action":"a:b","Resource":"*"}`), Identity, "Syntax errors"},
		{doc(`{"Effect":"Allow","Resource":"*"}`), Identity, "must contain actions"},
		{doc(`{"Effect":"Allow","Action":"ab","Resource":"*"}`), Identity, "prefaced by a vendor"},
		{doc(`{"Effect":"Allow","Action":"a:b"}`), Identity, "must contain resources"},
		{doc(`{"Effect":"Allow","Action":"a:b","Resource":"table/x"}`), Identity, "must be in ARN format"},
		{doc(`{"Effect":"Allow","Action":"a:b","Resource":"arn:x:a:b:c:d"}`), Identity, "Partition"},
		{doc(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a"}`), Identity, "legacy parsing"},
		{doc(`{` + statement + `,"Principal":"*"}`), Identity, "not specify a principal"},
		{doc(`{` + statement + `,"Sid":"a b"}`), Identity, "alpha-numeric"},
		{doc(`{` + statement + `,"Sid":"a"},{` + statement + `,"Sid":"a"}`), Identity, "must be unique"},
		{doc(`{` + statement + `,"Condition":{"StringEqual":{"a":"b"}}}`), Identity, "Invalid Condition type"},
		{doc(`{` + statement + `,"Condition":{"IpAddress":{"aws:SourceIp":"everywhere"}}}`), Identity, "IP address"},
		{doc(`{` + statement + `}`), Resource, "required field Principal"},
		{doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Principal":"*"}`), Trust, "prohibited field Resource"},
		{doc(`{"Effect":"Allow","Action":"iam:GetRole","Principal":"*"}`), Trust, "STS AssumeRole actions"},
		{doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"bob"}}`), Trust, `Invalid principal in policy: "AWS":"bob"`},
		{doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"apigateway"}}`), Trust, `"SERVICE":"apigateway"`},
		{doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{}}`), Trust, "Syntax errors"},
	} {
		t.Run(c.want, func(t *testing.T) {
			if _, err := Parse(c.text, c.kind); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse(%s) = %v; want an error with %q", c.text, err, c.want)
			}
		})
	}
}

func TestGlobIsNotExponential(t *testing.T) {
	if Glob(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 5000)) {
		t.Error("the pattern matches a text without its last letter")
	}
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{{"", "", true}, {"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"a?", "a", false}, {"*a*b*", "xxaxxbxx", true}} {
		if Glob(c.pattern, c.s) != c.want {
			t.Errorf("Glob(%q, %q) = %t; want %t", c.pattern, c.s, !c.want, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"apigateway.amazonaws.com"}}`), 1)
	f.Add(doc(`{"Effect":"Deny","NotAction":["a:*"],"NotResource":"arn:aws:a:b:c:d","Condition":{"ForAnyValue:StringLikeIfExists":{"k":["${a,'b'}",1,true]}}}`), 0)
	f.Fuzz(func(t *testing.T, text string, kind int) {
		d, err := Parse(text, Kind(kind%3))
		if err != nil {
			if d != nil {
				t.Error("Parse returns a document with its error")
			}
			return
		}
		d.Evaluate(Request{Action: "a:b", Resource: "arn:aws:a:b:c:d", Principal: Principal{AccountID: "1"}, Context: map[string][]string{"k": {"v"}}})
	})
}
