// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"io"
	"os"

	"golang.org/x/term"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// paint colours text, or leaves it alone.
type paint bool

// paintFor colours only what a person reads on a terminal, unless NO_COLOR is
// set (no-color.org).
func paintFor(w io.Writer) paint {
	file, ok := w.(*os.File)
	return paint(ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd())))
}

// Colours of ECMA-48.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
)

func (p paint) in(colour, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// mark is a condition's status as one sign; the word beside it says the same
// to whom signs and colours say nothing.
func (p paint) mark(status metav1.ConditionStatus) string {
	switch status {
	case metav1.ConditionTrue:
		return p.in(green, "✓")
	case metav1.ConditionFalse:
		return p.in(red, "✗")
	}
	return p.in(yellow, "?")
}
