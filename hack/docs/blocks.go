// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package docs reads the shell commands of the documentation, so that a test
// can run them as a reader would. A block of commands is run unless it says
// what it needs that a test doesn't have:
//
//	# needs AWS                  as a line of the block, for the reader to see
//	<!-- needs: minutes -->      above the block: what the reader knows anyway
//
// Further comments above a block help to run it. They don't show in the page:
//
//	<!-- before: COMMANDS -->    run first: what the reader is supposed to have
//	<!-- after: COMMANDS -->     run afterwards: fails when the block didn't do what the page says
//	<!-- prints: REGEXP -->      has to be in what the block prints
//	<!-- stays up: REGEXP -->    the block goes on until the page's end, once it has printed this
//	<!-- replace: OLD with NEW --> from here on in this page; NEW may be a variable
//	<!-- a test runs these commands ... --> another test does
//
// Exported variables last until the page's end, as in a reader's terminal.
package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// Block is a fenced block of shell commands.
type Block struct {
	// Line is where its first command is, from 1.
	Line int
	// Commands are for the shell, with everything replaced that is to be.
	Commands string
	// Needs is what a test doesn't have; empty blocks are run.
	Needs string
	// Elsewhere says that another test runs the block.
	Elsewhere bool
	// Before and After are commands around the block.
	Before, After string
	// Prints and StaysUp have to be found in the output; nil where nothing has.
	Prints, StaysUp *regexp.Regexp
}

var (
	fence     = regexp.MustCompile("^( *)```([a-z]*)$")
	needsLine = regexp.MustCompile(`(?m)^# needs (.+)$`)
	directive = regexp.MustCompile(`(?s)^(needs|before|after|prints|stays up|replace):\s+(.*)$`)
	shells    = map[string]bool{"sh": true, "bash": true, "shell": true, "console": true}
)

const elsewhere = "a test runs these commands"

// Blocks returns the blocks of shell commands of a Markdown page. Comments that
// look like the ones above and stand before no block are errors, as is a block
// of a shell that is not marked "sh".
func Blocks(text string) ([]Block, error) {
	var blocks []Block
	var comments []string
	var replacements []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch open := fence.FindStringSubmatch(lines[i]); {
		case open != nil:
			start := i + 1
			for i++; i < len(lines) && lines[i] != open[1]+"```"; i++ {
				lines[i] = strings.TrimPrefix(lines[i], open[1])
			}
			if i == len(lines) {
				return nil, fmt.Errorf("line %d: the block has no end", start)
			}
			if shells[open[2]] {
				b := Block{Line: start + 1, Commands: strings.Join(lines[start:i], "\n")}
				if err := b.read(comments, &replacements); err != nil {
					return nil, fmt.Errorf("line %d: %w", start, err)
				}
				blocks, comments = append(blocks, b), nil
			}
		case strings.HasPrefix(line, "<!--"):
			comment := line
			for !strings.HasSuffix(comment, "-->") && i+1 < len(lines) {
				i++
				comment += "\n" + strings.TrimSpace(lines[i])
			}
			comments = append(comments, strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(comment, "<!--"), "-->")))
			continue
		case line == "":
			continue
		}
		for _, c := range comments {
			if directive.MatchString(c) {
				return nil, fmt.Errorf("line %d: the comment %q stands before no block of commands", i+1, c)
			}
		}
		comments = nil
	}
	return blocks, nil
}

// read takes what the comments above a block say.
func (b *Block) read(comments []string, replacements *[]string) error {
	if m := needsLine.FindStringSubmatch(b.Commands); m != nil {
		b.Needs = m[1]
	}
	for _, c := range comments {
		if strings.HasPrefix(c, elsewhere) {
			b.Elsewhere = true
		}
		m := directive.FindStringSubmatch(c)
		if m == nil {
			continue
		}
		var err error
		switch m[1] {
		case "needs":
			b.Needs = m[2]
		case "before":
			b.Before = m[2]
		case "after":
			b.After = m[2]
		case "prints":
			b.Prints, err = regexp.Compile(m[2])
		case "stays up":
			b.StaysUp, err = regexp.Compile(m[2])
		case "replace":
			old, by, ok := strings.Cut(m[2], " with ")
			if !ok {
				err = fmt.Errorf("the comment %q is not of the form: replace: OLD with NEW", c)
			} else if !strings.Contains(b.Commands, old) {
				err = fmt.Errorf("there is no %q to replace", old)
			}
			*replacements = append(*replacements, old, by)
		}
		if err != nil {
			return err
		}
	}
	b.Commands = strings.NewReplacer(*replacements...).Replace(b.Commands)
	return nil
}
