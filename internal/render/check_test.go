// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// TestBadInputIsRefused: the error names the field and the value, so that the
// person who wrote it finds it.
func TestBadInputIsRefused(t *testing.T) {
	type change = func(*v1alpha1.CommentsAPISpec, *stack.Facts)
	for name, c := range map[string]struct {
		change change
		want   []string
	}{
		"no table":            {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.TableName = "" }, []string{"spec.tableName", `""`}},
		"quote in table":      {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.TableName = `a","b` }, []string{"spec.tableName", "3 to 255"}},
		"newline after table": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.TableName = "table\n" }, []string{"spec.tableName"}},
		"region":              {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.Region = "mars" }, []string{"spec.region", "mars", "eu-west-1"}},
		"stage":               {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.Stage = "$default" }, []string{"spec.stage", "$default"}},
		"page size":           {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.Comments.PageSize = 1001 }, []string{"spec.comments.pageSize", "1001", "from 1 to 1000"}},
		"order":               {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.Comments.Order = "Random" }, []string{"spec.comments.order", "Random", "NewestFirst"}},
		"rate":                {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.API.Throttling.Rate = -1 }, []string{"spec.api.throttling.rate", "-1"}},
		"capacity missing": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) { s.Table.Billing.Mode = v1alpha1.Provisioned },
			[]string{"spec.table.billing.provisioned", "needs readUnits"}},
		"capacity without mode": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Table.Billing.Provisioned = &v1alpha1.ProvisionedCapacity{ReadUnits: 1, WriteUnits: 1}
		}, []string{"spec.table.billing.mode", "OnDemand"}},
		"no capacity": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Table.Billing = v1alpha1.BillingSpec{Mode: v1alpha1.Provisioned, Provisioned: &v1alpha1.ProvisionedCapacity{WriteUnits: 1}}
		}, []string{"spec.table.billing.provisioned.readUnits", `"0"`}},
		"key alias": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Table.KMSKeyARN = "arn:aws:kms:eu-west-1:123456789012:alias/mine"
		}, []string{"spec.table.kmsKeyARN", "not of an alias"}},
		"key elsewhere": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Table.KMSKeyARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
		}, []string{"spec.table.kmsKeyARN", "eu-west-1"}},
		"reserved tag": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Tags = []v1alpha1.Tag{{Key: "CommentsAPI.io/name", Value: "theirs"}}
		}, []string{"spec.tags[0].key", "reserved"}},
		"tags in two cases": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.Tags = []v1alpha1.Tag{{Key: "team"}, {Key: "Team"}}
		}, []string{"spec.tags[1].key", "Team", "use each key once"}},
		"key for nothing": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.API.APIKey = &v1alpha1.APIKeySpec{Post: v1alpha1.KeyNone, List: v1alpha1.KeyNone}
		}, []string{"spec.api.apiKey.post", "no call needs the key"}},
		"quota": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.API.APIKey = &v1alpha1.APIKeySpec{Quota: &v1alpha1.QuotaSpec{Period: "DAY"}}
		}, []string{"spec.api.apiKey.quota.limit", "from 1 to 2000000000", "spec.api.apiKey.quota.period", "Day, Week, Month"}},
		"key's limits": {func(s *v1alpha1.CommentsAPISpec, _ *stack.Facts) {
			s.API.APIKey = &v1alpha1.APIKeySpec{Throttling: &v1alpha1.KeyThrottlingSpec{Rate: 10001}}
		}, []string{"spec.api.apiKey.throttling.rate", "10001", "spec.api.apiKey.throttling.burst"}},
		"no account":   {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.AccountID = "" }, []string{"account ID", "12 digits"}},
		"no partition": {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.Partition = "" }, []string{"partition"}},
		"no suffix":    {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.DNSSuffix = "" }, []string{"DNS suffix"}},
		"no index":     {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.IndexName = "" }, []string{"index name", "pageId-index"}},
		"retiring":     {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.RetiringIndexes = []string{"*"} }, []string{"retiring index name"}},
		"role path":    {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.RolePath = "commentsapi" }, []string{"role path", "'/'"}},
		"boundary":     {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.PermissionsBoundary = "mine" }, []string{"permissions boundary"}},
		"half a claim": {func(_ *v1alpha1.CommentsAPISpec, f *stack.Facts) { f.Claim.UID = "" }, []string{"claim uid"}},
		"two mistakes": {func(s *v1alpha1.CommentsAPISpec, f *stack.Facts) { s.Stage, f.AccountID = "", "1" }, []string{"spec.stage", "account ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec, facts := someSpec(), someFacts()
			c.change(&spec, &facts)
			_, err := Render(spec, facts)
			if err == nil {
				t.Fatal("Render took it")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error doesn't say %q: %v", want, err)
				}
			}
		})
	}
}

// TestNoNameBreaksOut: whatever a table, an index or a stage is called, either
// it is refused or it stays inside its quotes, in the templates and in the
// policies.
func TestNoNameBreaksOut(t *testing.T) {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "Z9", "-", "_", ".", `"`, `\`, "\n", "\r", "'", "{", "}", "$", "#", "*", "/", ":", "?", " ",
		"$util", "#set($x=1)", "#end", "<<.Limit>>", "${AWS::Region}", "\u2028", "😀", "é", "\x00",
	}), 1, 6)
	name := rapid.Custom(func(t *rapid.T) string { return strings.Join(pieces.Draw(t, "pieces"), "") })
	rapid.Check(t, func(t *rapid.T) {
		spec, facts := someSpec(), someFacts()
		spec.TableName, facts.IndexName = "abc"+name.Draw(t, "table"), "abc"+name.Draw(t, "index")
		facts.RetiringIndexes = []string{"abc" + name.Draw(t, "retiring")}
		d, err := Render(spec, facts)
		plain := !strings.ContainsFunc(spec.TableName+facts.IndexName+facts.RetiringIndexes[0], func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r)
		})
		if plain != (err == nil) {
			t.Fatalf("plain names: %t, error: %v", plain, err)
		}
		if err != nil {
			return
		}
		request := d.API.Definition.Methods["GET /comments/{pageId}"].Integration.RequestTemplates["application/json"]
		for _, line := range []string{`"TableName": "` + spec.TableName + `",`, `"IndexName": "` + facts.IndexName + `",`} {
			if !strings.Contains(request, line) {
				t.Fatalf("the query doesn't hold %s:\n%s", line, request)
			}
		}
	})
}
