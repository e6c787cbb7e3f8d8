// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package oracle renders mapping templates with Apache Velocity 1.7, in a Java
// program of its own that also knows $input, $util and $context as API Gateway
// does. It is what our template engine and our templates are held to.
package oracle

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

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

// Installed is the class path of what is installed; it is an error when
// something is missing.
func Installed() (string, error) {
	path, missing := classPath()
	if _, err := exec.LookPath("javac"); err != nil {
		missing = append(missing, "javac")
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("not installed: %s (on Debian: apt-get install default-jdk-headless %s)",
			strings.Join(missing, ", "), strings.Join(packages, " "))
	}
	return path, nil
}

// Install fetches what is missing from Debian and returns the class path.
func Install(ctx context.Context) (string, error) {
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
