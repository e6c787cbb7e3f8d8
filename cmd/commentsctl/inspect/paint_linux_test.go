// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what programs write to it, and where that
// can be read.
func terminal(t *testing.T) (screen, reader *os.File) {
	t.Helper()
	reader, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	if err := unix.IoctlSetPointerInt(int(reader.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(int(reader.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(filepath.Join("/dev/pts", fmt.Sprint(number)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return screen, reader
}

// printed is what run writes to a file that is read at its other end.
func printed(t *testing.T, to, from *os.File, run func(io.Writer)) string {
	t.Helper()
	done := make(chan string)
	go func() {
		// A terminal whose last writer is gone ends with an error.
		text, _ := io.ReadAll(from)
		done <- string(text)
	}()
	run(to)
	if err := to.Close(); err != nil {
		t.Error(err)
	}
	return strings.ReplaceAll(<-done, "\r\n", "\n")
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colours are for people at a terminal that has them and who want them; the
// words are the same for all.
func TestCommandsColourOnlyTerminals(t *testing.T) {
	p := newPlanner(t)
	commands := map[string]func(io.Writer){
		"status": func(w io.Writer) { p.inspectTo(w, StatusCommand()) },
		"plan":   func(w io.Writer) { p.inspectTo(w, PlanCommand(), "--name", "blog", "--cluster-id", "test") },
	}
	for name, run := range commands {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NO_COLOR", "")
			t.Setenv("TERM", "xterm")
			onTerminal := func() string {
				screen, reader := terminal(t)
				return printed(t, screen, reader, run)
			}
			coloured := onTerminal()
			if !escapes.MatchString(coloured) {
				t.Errorf("on a terminal there are no colours in\n%q", coloured)
			}
			plain := escapes.ReplaceAllString(coloured, "")
			same := func(where, got string) {
				t.Helper()
				if diff := cmp.Diff(plain, got); diff != "" {
					t.Errorf("%s (-the words +printed):\n%s", where, diff)
				}
			}
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			same("through a pipe", printed(t, writer, reader, run))
			t.Setenv("NO_COLOR", "1")
			same("with NO_COLOR", onTerminal())
			t.Setenv("NO_COLOR", "")
			t.Setenv("TERM", "dumb")
			same("with TERM=dumb", onTerminal())
		})
	}
}

// inspectTo runs a command that prints to a file.
func (p *planner) inspectTo(w io.Writer, cmd *cobra.Command, args ...string) {
	p.t.Helper()
	cmd.SetOut(w)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append([]string{"--kubeconfig", p.kubeconfig, "-n", p.obj.Namespace}, args...))
	if err := cmd.ExecuteContext(p.t.Context()); err != nil && !errors.Is(err, ErrChanges) {
		p.t.Error(err)
	}
}
