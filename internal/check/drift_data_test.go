// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/stack"
)

func list(names ...string) []string { return names }

func caps(read, write int64) *ddb.OnDemandThroughput {
	return &ddb.OnDemandThroughput{MaxReadRequestUnits: &read, MaxWriteRequestUnits: &write}
}

func units(read, write int64) *ddb.ProvisionedThroughput {
	return &ddb.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
}

func tableDrift() []drift {
	return []drift{
		{name: "table: billing mode", fields: list("Table billing", "Table capacity.readUnits", "Table capacity.writeUnits",
			"Table capacity.maxReadUnits", "Table capacity.maxWriteUnits",
			"Table indexes.pageId-index.capacity.readUnits", "Table indexes.pageId-index.capacity.writeUnits",
			"Table indexes.pageId-index.capacity.maxReadUnits", "Table indexes.pageId-index.capacity.maxWriteUnits"),
			do: func(x *outsider) {
				x.updateTable(dynamodb.UpdateTableInput{BillingMode: ddb.BillingModeProvisioned, ProvisionedThroughput: units(1, 2),
					GlobalSecondaryIndexUpdates: []ddb.GlobalSecondaryIndexUpdate{{Update: &ddb.UpdateGlobalSecondaryIndexAction{
						IndexName: aws.String(stack.IndexBaseName), ProvisionedThroughput: units(3, 4)}}}})
			}},
		{name: "table: cap on reads", fields: list("Table capacity.maxReadUnits"),
			do: func(x *outsider) { x.updateTable(dynamodb.UpdateTableInput{OnDemandThroughput: caps(9999, 50)}) }},
		{name: "table: cap on writes removed", fields: list("Table capacity.maxWriteUnits"),
			do: func(x *outsider) { x.updateTable(dynamodb.UpdateTableInput{OnDemandThroughput: caps(100, -1)}) }},
		{name: "index: cap on reads", fields: list("Table indexes.pageId-index.capacity.maxReadUnits"),
			do: func(x *outsider) {
				x.updateIndex(ddb.UpdateGlobalSecondaryIndexAction{OnDemandThroughput: caps(1, 50)})
			}},
		{name: "index: cap on writes", fields: list("Table indexes.pageId-index.capacity.maxWriteUnits"),
			do: func(x *outsider) {
				x.updateIndex(ddb.UpdateGlobalSecondaryIndexAction{OnDemandThroughput: caps(100, 1)})
			}},
		{name: "table: read units", provisioned: true, fields: list("Table capacity.readUnits"),
			do: func(x *outsider) { x.updateTable(dynamodb.UpdateTableInput{ProvisionedThroughput: units(1, 6)}) }},
		{name: "table: write units", provisioned: true, fields: list("Table capacity.writeUnits"),
			do: func(x *outsider) { x.updateTable(dynamodb.UpdateTableInput{ProvisionedThroughput: units(5, 1)}) }},
		{name: "index: read units", provisioned: true, fields: list("Table indexes.pageId-index.capacity.readUnits"),
			do: func(x *outsider) {
				x.updateIndex(ddb.UpdateGlobalSecondaryIndexAction{ProvisionedThroughput: units(1, 8)})
			}},
		{name: "index: write units", provisioned: true, fields: list("Table indexes.pageId-index.capacity.writeUnits"),
			do: func(x *outsider) {
				x.updateIndex(ddb.UpdateGlobalSecondaryIndexAction{ProvisionedThroughput: units(7, 9)})
			}},
		{name: "table: switched to on-demand billing", provisioned: true, fields: list("Table billing",
			"Table capacity.readUnits", "Table capacity.writeUnits",
			"Table indexes.pageId-index.capacity.readUnits", "Table indexes.pageId-index.capacity.writeUnits"),
			do: func(x *outsider) {
				x.updateTable(dynamodb.UpdateTableInput{BillingMode: ddb.BillingModePayPerRequest})
			}},
		{name: "table: deletion protection", fields: list("Table deletionProtection"),
			do: func(x *outsider) {
				x.updateTable(dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(false)})
			}},
		{name: "table: class", fields: list("Table class"),
			do: func(x *outsider) {
				x.updateTable(dynamodb.UpdateTableInput{TableClass: ddb.TableClassStandardInfrequentAccess})
			}},
		{name: "table: encrypted with somebody's key", fields: list("Table kmsKeyARN"),
			do: func(x *outsider) {
				x.updateTable(dynamodb.UpdateTableInput{SSESpecification: &ddb.SSESpecification{
					Enabled: aws.Bool(true), SSEType: ddb.SSETypeKms, KMSMasterKeyId: aws.String(kmsKey)}})
			}},
		{name: "table: point-in-time recovery", unnoticed: true, fields: list("Table pointInTimeRecovery"),
			do: func(x *outsider) { x.backups(false) }},
		{name: "table: expiry of items", unnoticed: true, fields: list("Table ttlAttribute"),
			do: func(x *outsider) { x.ttl("expiresAt", true) }},
		{name: "table: tag changed", unnoticed: true, fields: list("Table tags.team"),
			do: func(x *outsider) { x.tagTable("team", "mine") }},
		{name: "table: tag removed", unnoticed: true, fields: list("Table tags.tier"),
			do: func(x *outsider) { x.untagTable("tier") }},
		{name: "table: note of the operator's tags removed", unnoticed: true, fields: list("Table tags." + stack.TagOwn),
			do: func(x *outsider) { x.untagTable(stack.TagOwn) }},
		{name: "table: claim of an earlier life", unnoticed: true, fields: list("Table tags." + stack.TagUID),
			do: func(x *outsider) { x.tagTable(stack.TagUID, "earlier") }},
		{name: "table: somebody's tag", do: func(x *outsider) { x.tagTable("cost-centre", "42") }},
		{name: "index: deleted", fields: list("Table indexes.pageId-index"), do: func(x *outsider) { x.dropIndex() }},
		{name: "index: somebody's index", do: func(x *outsider) { x.addIndex("by-user", "userName") }},
		{name: "index: one under the operator's name", fields: list("Table indexes.pageId-index-0123abcd"),
			do: func(x *outsider) { x.addIndex("pageId-index-0123abcd", "userName") }},
	}
}

const (
	otherTrust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	widerPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}`
)

func roleDrift() []drift {
	return []drift{
		{name: "role: description", fields: list("Role description"), do: func(x *outsider) {
			did[*iam.UpdateRoleOutput](x)(x.roles.UpdateRole(x.ctx, &iam.UpdateRoleInput{RoleName: x.role(), Description: aws.String("mine")}))
		}},
		{name: "role: trust policy", fields: list("Role trustPolicy"), do: func(x *outsider) { x.trust(otherTrust) }},
		{name: "role: trust policy with a condition", fields: list("Role trustPolicy"), do: func(x *outsider) {
			x.trust(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`)
		}},
		{name: "role: trust policy in other words", do: func(x *outsider) {
			x.trust(`{ "Statement": {"Action": "sts:AssumeRole", "Principal": {"Service": ["apigateway.amazonaws.com"]}, "Effect": "Allow"}, "Version": "2012-10-17" }`)
		}},
		{name: "role: permissions boundary", fields: list("Role permissionsBoundary"), do: func(x *outsider) {
			did[*iam.PutRolePermissionsBoundaryOutput](x)(x.roles.PutRolePermissionsBoundary(x.ctx, &iam.PutRolePermissionsBoundaryInput{
				RoleName: x.role(), PermissionsBoundary: aws.String(x.policy("bound"))}))
		}},
		{name: "role: inline policy widened", fields: list("Role inlinePolicies.comments"),
			do: func(x *outsider) { x.putRolePolicy(stack.InlinePolicyName, widerPolicy) }},
		{name: "role: inline policy removed", fields: list("Role inlinePolicies.comments"), do: func(x *outsider) {
			did[*iam.DeleteRolePolicyOutput](x)(x.roles.DeleteRolePolicy(x.ctx, &iam.DeleteRolePolicyInput{
				RoleName: x.role(), PolicyName: aws.String(stack.InlinePolicyName)}))
		}},
		{name: "role: somebody's inline policy", fields: list("Role inlinePolicies.more"),
			do: func(x *outsider) { x.putRolePolicy("more", widerPolicy) }},
		{name: "role: somebody's attached policies", fields: list("Role attachedPolicies", "Role attachedPolicies"), do: func(x *outsider) {
			for _, arn := range []string{x.policy("b"), x.policy("a")} {
				did[*iam.AttachRolePolicyOutput](x)(x.roles.AttachRolePolicy(x.ctx, &iam.AttachRolePolicyInput{RoleName: x.role(), PolicyArn: &arn}))
			}
		}},
		{name: "role: tag changed", fields: list("Role tags.team"), do: func(x *outsider) { x.tagRole("team", "mine") }},
		{name: "role: tag removed", fields: list("Role tags.tier"), do: func(x *outsider) { x.untagRole("tier") }},
		{name: "role: claim of an earlier life", fields: list("Role tags." + stack.TagUID), do: func(x *outsider) { x.tagRole(stack.TagUID, "earlier") }},
		{name: "role: somebody's tag", do: func(x *outsider) { x.tagRole("cost-centre", "42") }},
		{name: "role: deleted", fresh: true, fields: list("Role "), do: func(x *outsider) {
			did[*iam.DeleteRolePolicyOutput](x)(x.roles.DeleteRolePolicy(x.ctx, &iam.DeleteRolePolicyInput{
				RoleName: x.role(), PolicyName: aws.String(stack.InlinePolicyName)}))
			did[*iam.DeleteRoleOutput](x)(x.roles.DeleteRole(x.ctx, &iam.DeleteRoleInput{RoleName: x.role()}))
		}},
	}
}

// moderatorDrift is what can be done to one role, done to the other.
func moderatorDrift() []drift {
	var out []drift
	for _, d := range roleDrift() {
		if d.fresh {
			continue
		}
		d.name, d.moderated = "moderator's "+d.name, true
		for i, field := range d.fields {
			d.fields[i] = "Moderator" + field
		}
		out = append(out, d)
	}
	return append(out, drift{name: "index: that of what waits deleted", moderated: true, fields: list("Table indexes.pending-index"),
		do: func(x *outsider) {
			x.updateTable(dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []ddb.GlobalSecondaryIndexUpdate{
				{Delete: &ddb.DeleteGlobalSecondaryIndexAction{IndexName: aws.String(stack.PendingIndexBaseName)}}}})
		}})
}
