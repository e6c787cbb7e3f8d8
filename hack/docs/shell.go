// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/commentsapi/operator/hack/child"
)

const (
	// patience bounds a block of commands.
	patience = 90 * time.Second
	// politeness is how long what stays up may take to end after Ctrl-C.
	politeness = 40 * time.Second
)

// Shell is a reader's terminal: a directory, and variables that were exported.
type Shell struct {
	// Dir is where commands are run.
	Dir string
	// Env is the environment to begin with.
	Env []string
	// Prelude are commands that every run begins with, such as functions.
	Prelude string
	up      []*process
}

// process is what stays up.
type process struct {
	cmd *exec.Cmd
	out *output
	// ended is closed when the process has ended; err is set before that.
	ended chan struct{}
	err   error
}

// output is what a process has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// command is a bash that reads the variables of the last one and leaves its
// own. It is a group of processes, so that Ctrl-C reaches all of it.
func (s *Shell) command(ctx context.Context, commands string, out *output) *exec.Cmd {
	state := filepath.Join(s.Dir, ".exported")
	script := "set -eu\nif [ -e " + state + " ]; then . " + state + "; fi\n" + s.Prelude + "\n" + commands + "\nexport -p > " + state + "\n"
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.Dir, s.Env, out, out
	cmd.SysProcAttr = child.Group()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// Run runs commands to their end and returns what they print. An error has the
// output too.
func (s *Shell) Run(ctx context.Context, commands string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := &output{}
	if err := s.command(ctx, commands, out).Run(); err != nil {
		return out.String(), fmt.Errorf("%w\n%s\nIt printed:\n%s", errors.Join(err, ctx.Err()), commands, out)
	}
	return out.String(), nil
}

// Up starts commands and returns when they have printed what is asked for. They
// go on until Close.
func (s *Shell) Up(ctx context.Context, commands string, until *regexp.Regexp) error {
	p := &process{out: &output{}, ended: make(chan struct{})}
	p.cmd = s.command(context.WithoutCancel(ctx), commands, p.out)
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !until.MatchString(p.out.String()) {
		select {
		case <-p.ended:
			return fmt.Errorf("it ended (%w) before it printed %s:\n%s\nIt printed:\n%s", p.err, until, commands, p.out)
		case <-deadline.C:
			return errors.Join(fmt.Errorf("it didn't print %s:\n%s\nIt printed:\n%s", until, commands, p.out), p.end())
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.up = append(s.up, p)
	return nil
}

// end does what Ctrl-C does.
func (p *process) end() error {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		return fmt.Errorf("it ended by itself: %w\n%s", err, p.out)
	}
	timer := time.NewTimer(politeness)
	defer timer.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timer.C:
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended
		return fmt.Errorf("Ctrl-C doesn't end it within %s:\n%s", politeness, p.out)
	}
}

// Close ends what stays up.
func (s *Shell) Close() error {
	var errs []error
	for _, p := range s.up {
		errs = append(errs, p.end())
	}
	s.up = nil
	return errors.Join(errs...)
}

// Play runs a block as its comments say.
func (s *Shell) Play(ctx context.Context, b Block) error {
	if b.Before != "" {
		if _, err := s.Run(ctx, b.Before); err != nil {
			return fmt.Errorf("before: %w", err)
		}
	}
	if b.StaysUp != nil {
		if err := s.Up(ctx, b.Commands, b.StaysUp); err != nil {
			return err
		}
	} else {
		out, err := s.Run(ctx, b.Commands)
		if err != nil {
			return err
		}
		if b.Prints != nil && !b.Prints.MatchString(out) {
			return fmt.Errorf("%s\nhas to print %s; it printed:\n%s", b.Commands, b.Prints, out)
		}
	}
	if b.After != "" {
		if _, err := s.Run(ctx, b.After); err != nil {
			return fmt.Errorf("after: %w", err)
		}
	}
	return nil
}
