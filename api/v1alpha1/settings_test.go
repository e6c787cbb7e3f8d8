// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

func TestBilling(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	const (
		provisioned = "billing.provisioned is required with mode Provisioned and not allowed with mode OnDemand"
		caps        = "maxReadRequestUnits and maxWriteRequestUnits cap mode OnDemand; with mode Provisioned set billing.provisioned instead"
	)
	units := fields{"readUnits": int64(5), "writeUnits": int64(1)}
	tests := []struct {
		name    string
		billing fields
		want    []string
	}{
		{"on demand with caps", fields{"mode": "OnDemand", "maxReadRequestUnits": int64(40000), "maxWriteRequestUnits": int64(1)}, nil},
		{"caps without naming the mode", fields{"maxReadRequestUnits": int64(10)}, nil},
		{"provisioned", fields{"mode": "Provisioned", "provisioned": units}, nil},
		{"provisioned, with the index's own units", fields{"mode": "Provisioned", "provisioned": fields{"readUnits": int64(5), "writeUnits": int64(1), "indexReadUnits": int64(10), "indexWriteUnits": int64(1)}}, nil},
		{"provisioned without units", fields{"mode": "Provisioned"}, []string{"spec.table.billing: Invalid value: " + provisioned}},
		{"units on demand", fields{"provisioned": units}, []string{"spec.table.billing: Invalid value: " + provisioned}},
		{"provisioned with caps", fields{"mode": "Provisioned", "provisioned": units, "maxReadRequestUnits": int64(10)}, []string{"spec.table.billing: Invalid value: " + caps}},
		{"no units at all", fields{"maxReadRequestUnits": int64(0)}, []string{"spec.table.billing.maxReadRequestUnits: Invalid value: 0: spec.table.billing.maxReadRequestUnits in body should be greater than or equal to 1"}},
		{"more units than a table may have", fields{"maxWriteRequestUnits": int64(40001)}, []string{"spec.table.billing.maxWriteRequestUnits: Invalid value: 40001: spec.table.billing.maxWriteRequestUnits in body should be less than or equal to 40000"}},
		{"another mode", fields{"mode": "PAY_PER_REQUEST"}, []string{`spec.table.billing.mode: Unsupported value: "PAY_PER_REQUEST": supported values: "OnDemand", "Provisioned"`, unchecked}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{"table": fields{"billing": tt.billing}})), tt.want...)
		})
	}
}

func TestKMSKey(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	const (
		notAKey     = "kmsKeyARN is the ARN of a key, like arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab (not an alias)"
		otherRegion = "spec: Invalid value: table.kmsKeyARN names a key in another region; DynamoDB takes only keys of the table's own region"
	)
	said := func(arn string) []string {
		return []string{fmt.Sprintf("spec.table.kmsKeyARN: Invalid value: %q: %s", arn, notAKey)}
	}
	for arn, want := range map[string][]string{
		"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab":     nil,
		"arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab":     nil,
		"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab":     {otherRegion},
		"arn:aws:kms:eu-west-1:123456789012:alias/comments":                               said("arn:aws:kms:eu-west-1:123456789012:alias/comments"),
		"1234abcd-12ab-34cd-56ef-1234567890ab":                                            said("1234abcd-12ab-34cd-56ef-1234567890ab"),
		"arn:aws:kms:eu-west-1:123456789012:key/*":                                        said("arn:aws:kms:eu-west-1:123456789012:key/*"),
		"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\n":   said("arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\n"),
		"arn:aws:kms:eu-west-1:123456789012:key/a\",\"arn:aws:kms:eu-west-1:1:key/second": said("arn:aws:kms:eu-west-1:123456789012:key/a\",\"arn:aws:kms:eu-west-1:1:key/second"),
	} {
		t.Run(arn, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{"table": fields{"kmsKeyARN": arn}})), want...)
		})
	}
}

func TestDriftCheckInterval(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	for _, good := range []string{"1m", "60s", "10m", "1h30m", "24h", "86400s", "23h59m60s"} {
		t.Run(good, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{"driftCheckInterval": good})))
		})
	}
	for _, bad := range []string{"59s", "0s", "24h1s", "10", "m", "-10m", "1.5h", "1d", "10 m", "99999999999999h", "ten minutes"} {
		t.Run(bad, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{"driftCheckInterval": bad})),
				fmt.Sprintf("spec.driftCheckInterval: Invalid value: %q: driftCheckInterval is a duration from 1m to 24h, for example 10m", bad))
		})
	}
}

func TestEnumsAndBounds(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	tests := []struct {
		name string
		over fields
		want []string
	}{
		{"unknown order", fields{"comments": fields{"order": "Random"}}, []string{`spec.comments.order: Unsupported value: "Random": supported values: "OldestFirst", "NewestFirst", "Unordered"`, unchecked}},
		{"largest page", fields{"comments": fields{"pageSize": int64(1000)}}, nil},
		{"page too large", fields{"comments": fields{"pageSize": int64(1001)}}, []string{"spec.comments.pageSize: Invalid value: 1001: spec.comments.pageSize in body should be less than or equal to 1000"}},
		{"empty page", fields{"comments": fields{"pageSize": int64(0)}}, []string{"spec.comments.pageSize: Invalid value: 0: spec.comments.pageSize in body should be greater than or equal to 1"}},
		{"no requests at all", fields{"api": fields{"throttling": fields{"rate": int64(0)}}}, []string{"spec.api.throttling.rate: Invalid value: 0: spec.api.throttling.rate in body should be greater than or equal to 1"}},
		{"unknown mode", fields{"mode": "DryRun"}, []string{`spec.mode: Unsupported value: "DryRun": supported values: "Enforce", "Observe"`, unchecked}},
		{"unknown deletion policy", fields{"deletionPolicy": fields{"table": "Keep"}}, []string{`spec.deletionPolicy.table: Unsupported value: "Keep": supported values: "Retain", "Delete"`, unchecked}},
		{"boolean for a toggle", fields{"table": fields{"pointInTimeRecovery": true}}, []string{`spec.table.pointInTimeRecovery: Invalid value: "boolean": spec.table.pointInTimeRecovery in body must be of type string: "boolean"`, `spec.table.pointInTimeRecovery: Unsupported value: true: supported values: "Enabled", "Disabled"`, unchecked}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, tt.over)), tt.want...)
		})
	}
}

// Three lines are enough, and GitOps tools see every default in the schema.
func TestDefaults(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	want := v1alpha1.CommentsAPISpec{
		TableName: "blog-comments",
		Region:    "eu-west-1",
		Stage:     "prod",
		Table: v1alpha1.TableSpec{
			Billing:             v1alpha1.BillingSpec{Mode: v1alpha1.OnDemand},
			PointInTimeRecovery: v1alpha1.Enabled,
			DeletionProtection:  v1alpha1.Enabled,
			Class:               v1alpha1.TableClassStandard,
		},
		API: v1alpha1.APISpec{
			Throttling:    v1alpha1.ThrottlingSpec{Rate: 50, Burst: 100},
			Metrics:       v1alpha1.Disabled,
			Tracing:       v1alpha1.Disabled,
			Authorization: v1alpha1.AuthorizationSpec{Post: v1alpha1.AuthorizationNone, List: v1alpha1.AuthorizationNone},
		},
		Comments: v1alpha1.CommentsSpec{
			Order: v1alpha1.OldestFirst, PageSize: 100,
			Limits:        v1alpha1.LimitsSpec{Message: 10000, UserName: 100, PageID: 512},
			ShowCreatedAt: v1alpha1.Disabled, Replies: v1alpha1.Disabled, Count: v1alpha1.Disabled,
			Moderation: v1alpha1.ModerationNone, Deletion: v1alpha1.Disabled,
			ClientInfo: v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Disabled, UserAgent: v1alpha1.Disabled},
		},
		DeletionPolicy:     v1alpha1.DeletionPolicy{Table: v1alpha1.TableRetain},
		Mode:               v1alpha1.ModeEnforce,
		DriftCheckInterval: "10m",
	}
	for name, over := range map[string]fields{
		"nothing but the required fields": nil,
		"empty groups": {"table": fields{"billing": fields{}}, "api": fields{"throttling": fields{}, "authorization": fields{}},
			"comments": fields{"limits": fields{}, "clientInfo": fields{}}, "deletionPolicy": fields{}, "tags": []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := create(t, c, object(ns, over)).Spec
			if len(got.Tags) == 0 {
				got.Tags = nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("spec as stored (-want +got):\n%s", diff)
			}
		})
	}
}
