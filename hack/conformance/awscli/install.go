// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// debianCLI is where Debian installs the CLI. Another aws may come first on
// PATH, and may be another version.
const debianCLI = "/usr/bin/aws"

// install returns the CLI's path and version, installing it when needed.
func install(ctx context.Context) (path, version string, err error) {
	if _, err := os.Stat(debianCLI); err != nil {
		fmt.Println("installing awscli from Debian (about a minute)")
		for _, args := range [][]string{{"update", "-qq"}, {"install", "-y", "-qq", "--no-install-recommends", "awscli"}} {
			cmd := exec.CommandContext(ctx, "apt-get", args...)
			if os.Geteuid() != 0 {
				cmd = exec.CommandContext(ctx, "sudo", append([]string{"-n", "apt-get"}, args...)...)
			}
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			if out, err := cmd.CombinedOutput(); err != nil {
				return "", "", fmt.Errorf("%s is missing and can't be installed; install the package awscli by hand: %s: %w\n%s",
					debianCLI, strings.Join(cmd.Args, " "), err, out)
			}
		}
	}
	out, err := exec.CommandContext(ctx, debianCLI, "--version").Output()
	if err != nil {
		return "", "", fmt.Errorf("%s --version: %w", debianCLI, err)
	}
	return debianCLI, strings.TrimSpace(string(out)), nil
}
