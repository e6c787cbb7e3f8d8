// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import "testing"

// TestPoliciesAreDecodedAsIAMEncodesThem: a plus sign is one (aws-facts G2).
func TestPoliciesAreDecodedAsIAMEncodesThem(t *testing.T) {
	for encoded, want := range map[string]string{
		"%7B%22Sid%22%3A%22a+b%20c%2Bd%22%7D": `{"Sid":"a+b c+d"}`,
		`{"not":"encoded"}`:                   `{"not":"encoded"}`,
		"100%":                                "100%",
		"":                                    "",
	} {
		if got := decodePolicy(&encoded); got != want {
			t.Errorf("decodePolicy(%q) = %q; want %q", encoded, got, want)
		}
	}
}
