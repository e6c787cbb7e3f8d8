// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// protection is one line of the operator's defence, and how to take it out.
type protection struct {
	name string
	// file holds it; old becomes new.
	file, old, new string
	// Where it is missed: a run of the suite.
	workload, fault, site string
	// survives says why taking it out goes unseen, where it does: another
	// protection stands behind it.
	survives string
}

// tryProtections takes the protections out, one at a time, and prints whether
// the suite noticed.
func tryProtections(root, dir, only string) error {
	missed, tried := 0, 0
	for _, p := range protections {
		if only != "" && p.name != only {
			continue
		}
		tried++
		noticed, detail, err := p.try(root, dir)
		if err != nil { // it counts as unseen; the others have their turn
			detail = err.Error()
		}
		word := "noticed"
		if !noticed && p.survives != "" {
			word, detail = "backed", p.survives
		} else if !noticed {
			word = "SURVIVES"
			missed++
		}
		fmt.Printf("%-28s %-9s %s\n", p.name, word, detail)
	}
	fmt.Printf("protections: tried=%d seen=%d\n", tried, tried-missed)
	if tried == 0 {
		return fmt.Errorf("there is no protection %q", only)
	}
	if missed > 0 {
		return errors.New("some protections can be taken out unseen")
	}
	return nil
}

// try runs the suite without the protection.
func (p protection) try(root, dir string) (noticed bool, detail string, err error) {
	path := filepath.Join(root, filepath.FromSlash(p.file))
	source, err := os.ReadFile(path)
	if err != nil {
		return false, "", err
	}
	if n := strings.Count(string(source), p.old); n != 1 {
		return false, "", fmt.Errorf("%s holds the protected text %d times, want once; bring the list up to date", p.file, n)
	}
	without := filepath.Join(dir, "without.go")
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(without, []byte(strings.Replace(string(source), p.old, p.new, 1)), 0o600); err != nil {
		return false, "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: without}})
	if err != nil {
		return false, "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return false, "", err
	}
	binary, err := build(root, dir, overlay)
	if err != nil {
		return false, "", err
	}
	cmd := exec.Command(binary, "-test.timeout=10m", "-test.run=^TestFaultMatrix$", "-faults.sample=0",
		"-faults.workload="+p.workload, "-faults.fault="+p.fault, "-faults.site="+p.site)
	cmd.Dir = filepath.Join(root, "internal", "faults")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return false, "", err
	}
	if err == nil {
		return false, "", nil
	}
	return true, firstViolation(string(out)), nil
}

// firstViolation is the line that says what went wrong.
func firstViolation(out string) string {
	for _, line := range strings.Split(out, "\n") {
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "---") {
			_, text, found := strings.Cut(line, "without any fault: ")
			if !found {
				text = line
			}
			return text[:min(len(text), 110)]
		}
	}
	return ""
}
