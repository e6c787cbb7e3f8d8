// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

var update = flag.Bool("update", false, "write the golden files")

func someFacts() stack.Facts {
	return stack.Facts{
		AccountID: "123456789012",
		Partition: "aws",
		DNSSuffix: "amazonaws.com",
		IndexName: "pageId-index",
		RolePath:  "/commentsapi/",
		Claim: stack.Claim{
			ClusterID:    "5f0c8e0e-5d0b-4d0f-8c55-8f2f6f3f4c11",
			Namespace:    "web",
			NamespaceUID: "0a4c6f6e-7f7e-44a5-9d44-6a0b8b9f5d22",
			Name:         "blog",
			UID:          "c3f7a3a8-2f0d-4f57-b0a7-0f0f8f1d2e33",
		},
	}
}

func someSpec() v1alpha1.CommentsAPISpec {
	return v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: "eu-west-1", Stage: "prod"}
}

func days(n int32) *int32 { return &n }

func ptr(n int64) *int64 { return &n }

// cases are the inputs whose whole rendering is under review as golden files.
func cases() map[string]struct {
	spec  v1alpha1.CommentsAPISpec
	facts stack.Facts
} {
	type input = struct {
		spec  v1alpha1.CommentsAPISpec
		facts stack.Facts
	}
	all := map[string]input{"defaults": {someSpec(), someFacts()}}

	c := input{someSpec(), someFacts()}
	c.spec.Table = v1alpha1.TableSpec{
		Billing: v1alpha1.BillingSpec{
			Mode:        v1alpha1.Provisioned,
			Provisioned: &v1alpha1.ProvisionedCapacity{ReadUnits: 5, WriteUnits: 3, IndexReadUnits: ptr(7)},
		},
		PointInTimeRecovery: v1alpha1.Disabled,
		DeletionProtection:  v1alpha1.Disabled,
		Class:               v1alpha1.TableClassInfrequentAccess,
		KMSKeyARN:           "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	}
	c.spec.API = v1alpha1.APISpec{
		Throttling: v1alpha1.ThrottlingSpec{Rate: 5, Burst: 9},
		Metrics:    v1alpha1.Enabled,
		Tracing:    v1alpha1.Enabled,
	}
	c.spec.Tags = []v1alpha1.Tag{{Key: "team", Value: "web"}, {Key: "cost centre"}}
	c.facts.PermissionsBoundary = "arn:aws:iam::123456789012:policy/commentsapi-boundary"
	all["provisioned-kms"] = c

	c = input{someSpec(), someFacts()}
	c.spec.Comments = v1alpha1.CommentsSpec{Order: v1alpha1.Unordered, PageSize: 1000}
	c.facts.IndexName = "pageId-index-0badcafe"
	c.facts.RetiringIndexes = []string{"pageId-index"}
	all["unordered-moving"] = c

	c = input{someSpec(), someFacts()}
	c.spec.Comments.Order = v1alpha1.NewestFirst
	c.spec.Table.Billing = v1alpha1.BillingSpec{MaxReadRequestUnits: ptr(100), MaxWriteRequestUnits: ptr(20)}
	all["newest-first-capped"] = c

	c = input{someSpec(), someFacts()}
	c.spec.Region = "cn-north-1"
	c.spec.Table.KMSKeyARN = "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	c.facts.Partition, c.facts.DNSSuffix = "aws-cn", "amazonaws.com.cn"
	all["china"] = c

	c = input{someSpec(), someFacts()}
	c.spec.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://www.example.com", "http://localhost:8080", "https://blog.example.com"}}
	c.spec.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: "arn:aws:logs:eu-west-1:123456789012:log-group:comments"}
	c.spec.API.Authorization = v1alpha1.AuthorizationSpec{Post: v1alpha1.AuthorizationIAM}
	c.spec.API.Caching = &v1alpha1.CachingSpec{Size: "1.6"}
	c.spec.API.AllowedNetworks = []v1alpha1.CIDR{"2001:db8::/32", "192.0.2.0/24"}
	c.spec.Comments = v1alpha1.CommentsSpec{
		Limits:        v1alpha1.LimitsSpec{Message: 500, UserName: 20, PageID: 64},
		ShowCreatedAt: v1alpha1.Enabled,
		Replies:       v1alpha1.Enabled,
		Count:         v1alpha1.Enabled,
		HoneypotField: "website",
		Moderation:    v1alpha1.ModerationBeforeListing,
		Deletion:      v1alpha1.Enabled,
		RetentionDays: days(30),
		ClientInfo:    v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled},
	}
	all["every-option"] = c

	c = input{someSpec(), someFacts()}
	c.spec.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://www.example.com"}}
	all["one-origin"] = c

	c = input{someSpec(), someFacts()}
	c.spec.Comments.Count = v1alpha1.Enabled
	c.spec.API.APIKey = &v1alpha1.APIKeySpec{List: v1alpha1.KeyNone, Quota: &v1alpha1.QuotaSpec{Limit: 10000, Period: v1alpha1.QuotaWeek},
		Throttling: &v1alpha1.KeyThrottlingSpec{Rate: 5, Burst: 10}}
	all["api-key"] = c

	// Moderation was switched off a moment ago: what is deployed still uses it.
	c = input{someSpec(), someFacts()}
	c.spec.Comments.Deletion = v1alpha1.Enabled
	c.facts.RetiringIndexes = []string{"pending-index"}
	all["moderation-retiring"] = c
	return all
}

func mustRender(t *testing.T, spec v1alpha1.CommentsAPISpec, facts stack.Facts) stack.Desired {
	t.Helper()
	d, err := Render(spec, facts)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	return d
}

// TestGolden keeps what is sent to AWS under review: the document, the
// templates as text, and the rest of the stack.
func TestGolden(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			d := mustRender(t, c.spec, c.facts)
			golden(t, filepath.Join(name, "openapi.json"), d.Document)
			for key, m := range d.API.Definition.Methods {
				file := strings.NewReplacer(" ", "", "/", "_", "{", "", "}", "").Replace(key)
				golden(t, filepath.Join(name, file+".request.vtl"), []byte(m.Integration.RequestTemplates["application/json"]))
				for code, r := range m.Integration.Responses {
					golden(t, filepath.Join(name, file+"."+code+".vtl"), []byte(r.Templates["application/json"]))
				}
			}
			d.Document = nil
			d.API.Definition = stack.Definition{}
			text, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(name, "stack.json"), append(text, '\n'))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the tests with -update to write it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run the tests with -update:\n%s", file, diff)
	}
}

// TestDocumentIsOpenAPI has a third party read the document.
func TestDocumentIsOpenAPI(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			doc, err := openapi3.NewLoader().LoadFromData(mustRender(t, c.spec, c.facts).Document)
			if err != nil {
				t.Fatal(err)
			}
			if err := doc.Validate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEqualInputGivesEqualBytes would catch maps that leak their order, and
// results that share memory with each other or with the input.
func TestEqualInputGivesEqualBytes(t *testing.T) {
	for name, c := range cases() {
		first := mustRender(t, c.spec, c.facts)
		for range 20 {
			again := mustRender(t, c.spec, c.facts)
			if diff := cmp.Diff(first, again); diff != "" {
				t.Fatalf("%s: two renderings differ:\n%s", name, diff)
			}
			for key := range again.Table.Tags {
				again.Table.Tags[key] = "changed"
			}
			if again.Role.Tags[stack.TagUID] == "changed" {
				t.Fatalf("%s: the table and the role share their tags", name)
			}
		}
	}
}

// TestAbsentSettingsAreTheSchemasDefaults keeps offline rendering equal to
// what the operator renders after the API server has applied the defaults.
func TestAbsentSettingsAreTheSchemasDefaults(t *testing.T) {
	explicit := someSpec()
	explicit.Table = v1alpha1.TableSpec{
		Billing:             v1alpha1.BillingSpec{Mode: v1alpha1.OnDemand},
		PointInTimeRecovery: v1alpha1.Enabled,
		DeletionProtection:  v1alpha1.Enabled,
		Class:               v1alpha1.TableClassStandard,
	}
	explicit.API = v1alpha1.APISpec{
		Throttling: v1alpha1.ThrottlingSpec{Rate: 50, Burst: 100},
		Metrics:    v1alpha1.Disabled,
		Tracing:    v1alpha1.Disabled,
	}
	explicit.API.Authorization = v1alpha1.AuthorizationSpec{Post: v1alpha1.AuthorizationNone, List: v1alpha1.AuthorizationNone}
	explicit.Comments = v1alpha1.CommentsSpec{
		Order: v1alpha1.OldestFirst, PageSize: 100,
		Limits:        v1alpha1.LimitsSpec{Message: 10000, UserName: 100, PageID: 512},
		ShowCreatedAt: v1alpha1.Disabled, Replies: v1alpha1.Disabled, Count: v1alpha1.Disabled,
		Moderation: v1alpha1.ModerationNone, Deletion: v1alpha1.Disabled,
		ClientInfo: v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Disabled, UserAgent: v1alpha1.Disabled},
	}
	if diff := cmp.Diff(mustRender(t, explicit, someFacts()), mustRender(t, someSpec(), someFacts())); diff != "" {
		t.Errorf("defaults differ from the schema's (-schema +render):\n%s", diff)
	}
}

// TestTextForAWSIsPlain: AWS's fidelity is known for LF and ASCII only
// (aws-facts C2), and it replaces ${AWS::...} on import (aws-facts B2).
func TestTextForAWSIsPlain(t *testing.T) {
	for name, c := range cases() {
		d := mustRender(t, c.spec, c.facts)
		texts := map[string][]byte{"document": d.Document}
		for key, m := range d.API.Definition.Methods {
			texts[key] = []byte(m.Integration.RequestTemplates["application/json"])
			for code, r := range m.Integration.Responses {
				texts[key+" "+code] = []byte(r.Templates["application/json"])
			}
		}
		for where, text := range texts {
			if i := bytes.IndexFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
				t.Errorf("%s: %s holds %q at byte %d", name, where, text[i], i)
			}
			if bytes.Contains(text, []byte("${AWS::")) {
				t.Errorf("%s: %s holds an import variable", name, where)
			}
			if len(text) == 0 {
				t.Errorf("%s: %s is empty, which AWS reads back as null", name, where)
			}
		}
	}
}
