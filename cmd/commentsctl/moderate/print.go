// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package moderate

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// What a line of the table holds of a text, in characters.
const (
	longestName    = 20
	longestMessage = 60
)

// plain makes text of strangers safe for a terminal: control characters, which
// could move the cursor or change the title, and those that turn the direction
// of text are written out. Line feeds stay.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// line is a text in one line of at most so many characters.
func line(text string, longest int) string {
	text = strings.Join(strings.Fields(plain(text)), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}

func written(c Comment) string {
	if c.CreatedAt == 0 {
		return ""
	}
	return time.UnixMilli(c.CreatedAt).UTC().Format("2006-01-02 15:04 UTC")
}

// printTable prints comments, one a line.
func printTable(out io.Writer, comments []Comment) error {
	if len(comments) == 0 {
		_, err := fmt.Fprintln(out, "Nothing waits for a decision.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(w, "COMMENT\tPAGE\tWRITTEN\tNAME\tMESSAGE")
	for _, c := range comments {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", line(c.CommentID, 128), line(c.PageID, 40), written(c), line(c.UserName, longestName), line(c.Message, longestMessage))
	}
	return w.Flush()
}

// printComment prints all of a comment.
func printComment(out io.Writer, c Comment) error {
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	for _, field := range [][2]string{{"Comment", c.CommentID}, {"Page", c.PageID}, {"Reply to", c.ParentID}, {"Written", written(c)}, {"Name", c.UserName}} {
		if field[1] != "" {
			fmt.Fprintf(w, "%s:\t%s\n", field[0], line(field[1], 1<<20))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", plain(c.Message))
	return err
}

// printJSON prints a value in ASCII, so that nothing in it moves a terminal.
func printJSON(out io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	_, err = fmt.Fprintln(out, b.String())
	return err
}
