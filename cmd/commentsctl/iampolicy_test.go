// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/iampolicy"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

// ctl runs the program and returns what it prints.
func ctl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := root("commentsctl")
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestPoliciesAreOnesThatIAMTakes(t *testing.T) {
	for name, args := range map[string][]string{
		"one region":    {"--account", "111122223333", "--region", "eu-west-1"},
		"China":         {"--account", "111122223333", "--region", "cn-north-1", "--region", "cn-northwest-1"},
		"GovCloud":      {"--account", "111122223333", "--region", "us-gov-west-1", "--table-prefix", "blog-", "--role-path", "/a/b/"},
		"no boundary":   {"--account", "111122223333", "--region", "eu-west-1", "--boundary", "none"},
		"every option":  {"--account", "111122223333", "--region", "eu-west-1", "--boundary", "arn:aws:iam::111122223333:policy/x/y", "--assume-role", "arn:aws:iam::444455556666:role/comments", "--kms-key", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		"three regions": {"--account", "111122223333", "--region", "eu-west-1", "--region", "us-east-1", "--region", "ap-southeast-2"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, what := range []string{"operator", "boundary"} {
				out, err := ctl(t, append([]string{"iam-policy", "--print", what}, args...)...)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := policy.Parse(out, policy.Identity); err != nil {
					t.Errorf("%s: %v in\n%s", what, err, out)
				}
				var doc iampolicy.Document
				if err := json.Unmarshal([]byte(out), &doc); err != nil {
					t.Fatal(err)
				}
				compact, _ := json.Marshal(doc)
				// A managed policy has at most 6,144 characters without white space.
				if len(compact) > 6144 {
					t.Errorf("%s: %d characters, too long for a managed policy", what, len(compact))
				}
				// Partitions don't mix; a region's is in every ARN.
				partition := map[string]string{"China": "arn:aws-cn:", "GovCloud": "arn:aws-us-gov:"}[name]
				if partition == "" {
					partition = "arn:aws:"
				}
				if all, right := strings.Count(out, `"arn:`), strings.Count(out, `"`+partition); all == 0 || all != right {
					t.Errorf("%s: %d of %d ARNs are of %s\n%s", what, right, all, partition, out)
				}
			}
		})
	}
}

func TestThePolicyLooksAsReviewed(t *testing.T) {
	for file, args := range map[string][]string{
		"operator.json": nil,
		"boundary.json": {"--print", "boundary"},
	} {
		out, err := ctl(t, append([]string{"iam-policy", "--account", "111122223333", "--region", "eu-west-1"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", file)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s differs from what was reviewed; look at it, then UPDATE_GOLDEN=1 go test ./cmd/commentsctl\n%s", path, out)
		}
	}
}

func TestEveryStatementSaysWhatItIsFor(t *testing.T) {
	out, err := ctl(t, "iam-policy", "--account", "111122223333", "--region", "eu-west-1", "--print", "reasons")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if len(strings.Fields(line)) < 4 {
			t.Errorf("%q gives no reason", line)
		}
	}
}

func TestWhatCouldWidenAPolicyIsRefused(t *testing.T) {
	base := []string{"iam-policy", "--account", "111122223333", "--region", "eu-west-1"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--account", "*"}, "account"},
		{[]string{"--region", "*"}, "region"},
		{[]string{"--region", "cn-north-1"}, "partition"},
		{[]string{"--table-prefix", "*"}, "prefix"},
		{[]string{"--role-path", "/*/"}, "path"},
		{[]string{"--role-path", "x"}, "path"},
		{[]string{"--boundary", "a*"}, "ARN"},
		{[]string{"--assume-role", "arn:aws:iam::444455556666:role/*"}, "ARN"},
		{[]string{"--kms-key", "arn:aws:kms:*:111122223333:key/x"}, "ARN"},
		{[]string{"--print", "all"}, "--print"},
	} {
		if out, err := ctl(t, append(base, c.args...)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v; want one that names %s\n%s", c.args, err, c.want, out)
		}
	}
}
