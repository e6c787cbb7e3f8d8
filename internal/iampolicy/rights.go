// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iampolicy

// right is one statement of the operator's policy: what may be done to what,
// and what it is for.
type right struct {
	sid       string
	why       string
	actions   []string
	resources func(Options) []string
	condition func(Options) map[string]map[string][]string
	// when leaves the statement out where it would have no resource; nil is
	// always.
	when func(Options) bool
}

// rights are all there are (aws-facts G7). The operator reads and writes no
// comments: it has no action on items.
var rights = []right{
	{
		sid: "LookAtTables", why: "compare tables with what is declared",
		actions: []string{"dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive",
			"dynamodb:ListTagsOfResource"},
		resources: Options.tables,
	}, {
		sid: "KeepTables", why: "make tables and correct them; TagResource also for tags at creation",
		actions: []string{"dynamodb:CreateTable", "dynamodb:UpdateTable", "dynamodb:UpdateContinuousBackups",
			"dynamodb:UpdateTimeToLive", "dynamodb:TagResource", "dynamodb:UntagResource"},
		resources: Options.tables,
	}, {
		sid: "DeleteTables", why: "deletionPolicy.table: Delete; without this statement such deletions wait",
		actions:   []string{"dynamodb:DeleteTable"},
		resources: Options.tables,
	}, {
		sid: "LookAtRoles", why: "compare roles with what is declared",
		actions:   []string{"iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"},
		resources: Options.roles,
	}, {
		sid: "MakeRoles", why: "make roles and give them rights, below the path and within the boundary only",
		actions:   []string{"iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"},
		resources: Options.roles,
		condition: func(o Options) map[string]map[string][]string {
			if o.Boundary == "" {
				return nil
			}
			return map[string]map[string][]string{"StringEquals": {"iam:PermissionsBoundary": {o.Boundary}}}
		},
	}, {
		sid: "KeepRoles", why: "correct roles and remove them; nothing here adds a right",
		actions: []string{"iam:UpdateRole", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole",
			"iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole"},
		resources: Options.roles,
	}, {
		sid: "UnboundRoles", why: "an operator without --permissions-boundary removes boundaries",
		actions:   []string{"iam:DeleteRolePermissionsBoundary"},
		resources: Options.roles,
		when:      func(o Options) bool { return o.Boundary == "" },
	}, {
		sid: "PassRolesToAPIGateway", why: "name a role in an API's integrations",
		actions:   []string{"iam:PassRole"},
		resources: Options.roles,
		condition: func(Options) map[string]map[string][]string {
			return map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"apigateway.amazonaws.com"}}}
		},
	}, {
		sid: "MakeAPIs", why: "find APIs by their claim, and make them",
		actions:   []string{"apigateway:GET", "apigateway:POST"},
		resources: func(o Options) []string { return o.gateway("/restapis") },
	}, {
		sid: "KeepAPIs", why: "the definition, deployments and stages of APIs, and the test call before a deployment",
		actions:   []string{"apigateway:GET", "apigateway:POST", "apigateway:PUT", "apigateway:PATCH", "apigateway:DELETE"},
		resources: func(o Options) []string { return o.gateway("/restapis/*") },
	}, {
		sid: "GuardAPIs", why: "spec.api.allowedNetworks, and removing resource policies that others set",
		actions:   []string{"apigateway:UpdateRestApiPolicy"},
		resources: func(o Options) []string { return o.gateway("/restapis/*") },
	}, {
		sid: "MakeKeys", why: "api.apiKey: find API keys and usage plans by their claim, and make them; leave it out where no object asks for a key",
		actions:   []string{"apigateway:GET", "apigateway:POST"},
		resources: func(o Options) []string { return o.gateway("/apikeys", "/usageplans", "/usageplans/*/keys") },
	}, {
		sid: "KeepKeys", why: "api.apiKey: correct and remove them; it covers keys of others too, since their ids aren't known before",
		actions:   []string{"apigateway:GET", "apigateway:PATCH", "apigateway:DELETE"},
		resources: func(o Options) []string { return o.gateway("/apikeys/*", "/usageplans/*") },
	}, {
		sid: "TagAPIs", why: "the claim and spec.tags",
		actions:   []string{"apigateway:PUT", "apigateway:DELETE"},
		resources: func(o Options) []string { return o.gateway("/tags/*") },
	}, {
		// EKS Pod Identity's session tags go along to every role that is assumed
		// (EKS User Guide, "List of session tags").
		sid: "AssumeNamespaceRoles", why: "namespaces with the annotation commentsapi.io/role-arn; TagSession for an operator with EKS Pod Identity, whose session tags go along",
		actions:   []string{"sts:AssumeRole", "sts:TagSession"},
		resources: func(o Options) []string { return o.AssumeRoles },
		when:      func(o Options) bool { return len(o.AssumeRoles) > 0 },
	}, {
		sid: "UseTableKeys", why: "tables with a key of the customer's own",
		actions:   []string{"kms:DescribeKey", "kms:CreateGrant"},
		resources: func(o Options) []string { return o.KMSKeys },
		when:      func(o Options) bool { return len(o.KMSKeys) > 0 },
	},
}

// Operator returns the operator's own policy. The error names the option that
// can't be used.
func Operator(o Options) (Document, error) {
	if err := o.check(); err != nil {
		return Document{}, err
	}
	doc := Document{Version: "2012-10-17"}
	for _, r := range rights {
		if r.when != nil && !r.when(o) {
			continue
		}
		s := Statement{Sid: r.sid, Effect: "Allow", Action: r.actions, Resource: r.resources(o)}
		if r.condition != nil {
			s.Condition = r.condition(o)
		}
		doc.Statement = append(doc.Statement, s)
	}
	return doc, nil
}

// Boundary returns the most that any role the operator makes can do, whatever
// its own policy says: store comments, list them, approve and delete them.
func Boundary(o Options) (Document, error) {
	if err := o.check(); err != nil {
		return Document{}, err
	}
	var indexes []string
	for _, table := range o.tables() {
		indexes = append(indexes, table+"/index/*")
	}
	doc := Document{Version: "2012-10-17", Statement: []Statement{
		{Sid: "StoreComments", Effect: "Allow", Action: []string{"dynamodb:PutItem"}, Resource: o.tables()},
		{Sid: "ListComments", Effect: "Allow", Action: []string{"dynamodb:Query"}, Resource: indexes},
		{Sid: "ModerateComments", Effect: "Allow", Action: []string{"dynamodb:UpdateItem", "dynamodb:DeleteItem"}, Resource: o.tables()},
	}}
	if len(o.KMSKeys) > 0 {
		doc.Statement = append(doc.Statement, Statement{Sid: "UseTableKeys", Effect: "Allow",
			Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: o.KMSKeys})
	}
	return doc, nil
}

// Why says what a statement of the operator's policy is for; empty when there
// is none of that name.
func Why(sid string) string {
	for _, r := range rights {
		if r.sid == sid {
			return r.why
		}
	}
	return ""
}
