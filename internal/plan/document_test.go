// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

// TestTheDriftDocumentNamesEveryField: users look up in docs/drift.md what is
// watched; a field that is added, renamed or dropped must be there too.
func TestTheDriftDocumentNamesEveryField(t *testing.T) {
	text, err := os.ReadFile("../../docs/drift.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	rows := regexp.MustCompile("(?m)^\\| `([A-Za-z.]+)` \\|((?: [^|]+ \\|){5})$").FindAllStringSubmatch(string(text), -1)
	for _, row := range rows {
		named = append(named, row[1])
	}
	fields := leaves(reflect.TypeFor[stack.Stack](), "")
	slices.Sort(named)
	slices.Sort(fields)
	if diff := cmp.Diff(fields, named); diff != "" {
		t.Errorf("rows of docs/drift.md (-fields +rows):\n%s", diff)
	}
}
