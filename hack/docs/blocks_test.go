// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/hack/docs"
)

func TestBlocks(t *testing.T) {
	page := strings.ReplaceAll(`# A page

~~~yaml
a: b
~~~

<!-- before: blog default -->
<!-- prints: serves
-->
~~~sh
echo http://127.0.0.1:4566
~~~

- in a list:

  <!-- replace: 4566 with $PORT -->
  ~~~sh
  curl \
    http://127.0.0.1:4566
  ~~~

~~~sh
# needs AWS
aws s3 ls
~~~

<!-- a test runs these commands: helm -->
~~~sh
echo 4566
~~~
`, "~~~", "```")
	got, err := docs.Blocks(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []docs.Block{
		{Line: 11, Commands: "echo http://127.0.0.1:4566", Before: "blog default", Prints: regexp.MustCompile("serves")},
		{Line: 18, Commands: "curl \\\n  http://127.0.0.1:$PORT"},
		{Line: 23, Commands: "# needs AWS\naws s3 ls", Needs: "AWS"},
		{Line: 29, Commands: "echo $PORT", Elsewhere: true},
	}
	same := cmp.Comparer(func(a, b *regexp.Regexp) bool { return a == b || a != nil && b != nil && a.String() == b.String() })
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBlocksRefuse(t *testing.T) {
	for page, want := range map[string]string{
		"~~~sh\necho":                                   "no end",
		"<!-- needs: minutes -->\n\nA word.\n":          "stands before no block",
		"<!-- needs: minutes -->\n~~~yaml\na: b\n~~~\n": "stands before no block",
		"<!-- prints: ( -->\n~~~sh\necho\n~~~\n":        "missing closing",
		"<!-- replace: a -->\n~~~sh\necho\n~~~\n":       "OLD with NEW",
		"<!-- replace: a with b -->\n~~~sh\necho\n~~~":  `no "a" to replace`,
	} {
		if _, err := docs.Blocks(strings.ReplaceAll(page, "~~~", "```")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one that says %s", page, err, want)
		}
	}
}
