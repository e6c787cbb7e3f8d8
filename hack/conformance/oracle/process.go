// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed Oracle.java
var source []byte

// Result is what an engine made of a template.
type Result struct {
	OK   bool   `json:"ok"`
	Text string `json:"text"` // the output, or the error
}

// String shows the result on one line.
func (r Result) String() string {
	if r.OK {
		return fmt.Sprintf("%q", r.Text)
	}
	return fmt.Sprintf("error %.300q", r.Text)
}

// Process is a running Java program. It isn't safe for concurrent use.
type Process struct {
	dir    string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

// Start starts the program. It ends with Close, or with the context.
func Start(ctx context.Context, classPath string) (_ *Process, err error) {
	dir, err := os.MkdirTemp("", "velocity-oracle-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	file := filepath.Join(dir, "Oracle.java")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return nil, err
	}
	p := &Process{dir: dir, cmd: exec.CommandContext(ctx, "java", "-Xss16m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", classPath, file)}
	p.cmd.Stderr = &p.stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	return p, p.cmd.Start()
}

// Run sends the lines, one JSON object each as Oracle.java describes them, and
// returns as many results.
func (p *Process) Run(lines [][]byte) ([]Result, error) {
	sent := make(chan error, 1)
	go func() {
		w := bufio.NewWriterSize(p.in, 1<<20)
		for _, line := range lines {
			_, _ = w.Write(line)
			_ = w.WriteByte('\n')
		}
		sent <- w.Flush()
	}()
	results := make([]Result, 0, len(lines))
	var failure error
	for range lines {
		line, err := p.out.ReadBytes('\n')
		if err != nil {
			failure = fmt.Errorf("java answered %d of %d cases: %w", len(results), len(lines), err)
			break
		}
		r, err := decode(line)
		if err != nil {
			failure = err
			break
		}
		results = append(results, r)
	}
	if failure != nil {
		_ = p.in.Close() // ends the sending
	}
	return results, errors.Join(failure, <-sent)
}

func decode(line []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("java printed %q: %w", line, err)
	}
	text, err := base64.StdEncoding.DecodeString(r.Text)
	r.Text = string(text)
	return r, err
}

// Close ends the program.
func (p *Process) Close() error {
	_ = p.in.Close()
	_, _ = io.Copy(io.Discard, p.out)
	err := p.cmd.Wait()
	if err != nil {
		err = fmt.Errorf("java: %w\n%s", err, tail(p.stderr.Bytes()))
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}
