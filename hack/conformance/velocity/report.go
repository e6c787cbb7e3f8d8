// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sort"
)

// same reports whether two results agree: the same text, or an error in both.
func same(a, b result) bool { return a.OK == b.OK && (!a.OK || a.Text == b.Text) }

// report judges a case and prints it when it is wrong.
func report(c testCase, ours, theirs result, verbose bool) bool {
	equal := same(ours, theirs)
	good := equal == (c.Diff == "")
	switch {
	case good && !verbose:
		return true
	case good && equal:
		fmt.Printf("ok    %s\n", c.Name)
	case good:
		fmt.Printf("ok    %s (differs: %s)\n", c.Name, c.Diff)
	case equal:
		fmt.Printf("WRONG %s: the results agree, though they are said to differ: %s\n", c.Name, c.Diff)
	default:
		fmt.Printf("WRONG %s\n", c.Name)
	}
	if !good || verbose {
		fmt.Printf("      template %q\n      data     %s\n      velocity %s\n      ours     %s\n", c.Template, c.Data, theirs, ours)
	}
	return good
}

// printReasons lists the expected differences.
func printReasons(reasons map[string]int) {
	var names []string
	for r := range reasons {
		names = append(names, r)
	}
	sort.Strings(names)
	for _, r := range names {
		fmt.Printf("expected difference, %d cases: %s\n", reasons[r], r)
	}
}
