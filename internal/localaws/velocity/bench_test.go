// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"strings"
	"testing"
)

const listTemplate = `#set($root = $q)
{
  "comments": [
#foreach($item in $root.Items)
    {
      "commentId": "$item.commentId.S",
      "userName": "$item.userName.S.replaceAll("\\'","'")",
      "message": "#if($item.message.S && $item.message.S != "")$item.message.S.replaceAll("\\'","'")#end"
    }#if($foreach.hasNext),#end

#end
  ]
}
`

// BenchmarkRenderList renders the answer to a query of 100 comments, with
// parsing the items.
func BenchmarkRenderList(b *testing.B) {
	items := make([]string, 100)
	for i := range items {
		items[i] = fmt.Sprintf(`{"commentId":{"S":"id-%d"},"userName":{"S":"Ann O'Hara"},"message":{"S":%q}}`, i, strings.Repeat("It's a comment. ", 20))
	}
	body := `{"Items":[` + strings.Join(items, ",") + `],"Count":100}`
	tmpl, err := Parse("list", listTemplate)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		doc, err := ParseJSON(body)
		if err != nil {
			b.Fatal(err)
		}
		out, err := tmpl.Render(map[string]any{"q": doc}, Options{NullAsEmpty: true})
		if err != nil || strings.Count(out, "Ann O'Hara") != 100 {
			b.Fatalf("rendered %d bytes, %v", len(out), err)
		}
	}
}

// BenchmarkParse parses that template.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("list", listTemplate); err != nil {
			b.Fatal(err)
		}
	}
}
