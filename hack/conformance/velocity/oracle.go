// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed Oracle.java
var oracleSource []byte

// jars are what Debian's packages put into jarDir.
const jarDir = "/usr/share/java"

var (
	jars = []string{
		"velocity", "commons-lang", "commons-collections3", "slf4j-api", "slf4j-nop", "json-path", "json-smart",
		"accessors-smart", "asm",
	}
	packages = []string{
		"velocity", "libcommons-lang-java", "libcommons-collections3-java", "libslf4j-java", "libjsonpath-java",
		"libjson-smart-java", "libasm-java",
	}
)

// classPath names the jars; missing are those that are not there.
func classPath() (path string, missing []string) {
	var files []string
	for _, j := range jars {
		f := filepath.Join(jarDir, j+".jar")
		if _, err := os.Stat(f); err != nil {
			missing = append(missing, j)
		}
		files = append(files, f)
	}
	return strings.Join(files, string(os.PathListSeparator)), missing
}

// install fetches what is missing from Debian.
func install(ctx context.Context) (string, error) {
	path, missing := classPath()
	want := packages
	if len(missing) == 0 {
		want = nil
	}
	if _, err := exec.LookPath("javac"); err != nil {
		want = append(want, "default-jdk-headless")
	}
	if len(want) == 0 {
		return path, nil
	}
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-y", "-q", "--no-install-recommends"}, want...)} {
		fmt.Println("conformance: running apt-get", strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("apt-get %s: %w\n%s(as root on Debian: apt-get install %s)",
				args[0], err, tail(out), strings.Join(want, " "))
		}
	}
	if path, missing = classPath(); len(missing) > 0 {
		return "", fmt.Errorf("still missing in %s after apt-get install: %s", jarDir, strings.Join(missing, ", "))
	}
	return path, nil
}

// tail is the end of a command's output.
func tail(out []byte) string {
	return string(out[max(0, len(out)-1000):])
}

// runOracle renders the cases with Velocity.
func runOracle(ctx context.Context, classPath string, cases []testCase) (results []result, err error) {
	dir, err := os.MkdirTemp("", "velocity-oracle-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "Oracle.java")
	if err := os.WriteFile(file, oracleSource, 0o600); err != nil {
		return nil, err
	}
	var in bytes.Buffer
	for _, c := range cases {
		line, err := c.encode()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(ctx, "java", "-Xss16m", "-cp", classPath, file)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("java: %w\n%s", err, tail(stderr.Bytes()))
	}
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var r result
		if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("java printed %q: %w", scanner.Text(), err)
		}
		text, err := base64.StdEncoding.DecodeString(r.Text)
		if err != nil {
			return nil, err
		}
		r.Text = string(text)
		results = append(results, r)
	}
	if len(results) != len(cases) {
		return nil, fmt.Errorf("java answered %d of %d cases\n%s", len(results), len(cases), tail(stderr.Bytes()))
	}
	return results, scanner.Err()
}
