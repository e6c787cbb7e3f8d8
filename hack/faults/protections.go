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
	"regexp"
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
// the suite noticed. Each run is made with them all in first: it must pass.
func tryProtections(root, dir, only string) error {
	whole, err := build(root, dir, "whole.test", "")
	if err != nil {
		return err
	}
	missed, tried := 0, 0
	for _, p := range protections {
		if only != "" && p.name != only {
			continue
		}
		tried++
		noticed, detail, err := p.try(root, dir, whole)
		if err != nil { // it counts as unseen; the others have their turn
			detail = err.Error()
		}
		word := "noticed"
		if !noticed && err == nil && p.survives != "" {
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

// try runs the suite with the protection, and without it.
func (p protection) try(root, dir, whole string) (noticed bool, detail string, err error) {
	path := filepath.Join(root, filepath.FromSlash(p.file))
	source, err := os.ReadFile(path)
	if err != nil {
		return false, "", err
	}
	changed, err := p.without(string(source))
	if err != nil {
		return false, "", err
	}
	if broken, detail, err := p.run(root, whole); broken || err != nil {
		return false, "", fmt.Errorf("the run goes wrong with the protection in place: %s: %w", detail, err)
	}
	without := filepath.Join(dir, "without.go")
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(without, []byte(changed), 0o600); err != nil {
		return false, "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: without}})
	if err != nil {
		return false, "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return false, "", err
	}
	binary, err := build(root, dir, "without.test", overlay)
	if err != nil {
		return false, "", err
	}
	return p.run(root, binary)
}

// without is the source that the protection was taken out of.
func (p protection) without(source string) (string, error) {
	if n := strings.Count(source, p.old); n != 1 {
		return "", fmt.Errorf("%s holds the protected text %d times, want once; bring the list up to date", p.file, n)
	}
	return strings.Replace(source, p.old, p.new, 1), nil
}

// run is the part of the suite that the protection names.
func (p protection) run(root, binary string) (broken bool, detail string, err error) {
	cmd := exec.Command(binary, "-test.timeout=10m", "-test.run=^TestFaultMatrix$", "-faults.sample=0",
		"-faults.workload="+p.workload, "-faults.fault="+p.fault, "-faults.site="+p.site)
	cmd.Dir = filepath.Join(root, "internal", "faults")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return false, "", err
	}
	return verdict(string(out), err == nil)
}

var (
	brokenRuns = regexp.MustCompile(`(?m)^faults: sites=\d+ faults=\d+ runs=[1-9]\d* violations=(\d+)$`)
	brokenByIt = regexp.MustCompile(`workload \S+ goes wrong without any fault: (.*)`)
)

// verdict tells a broken promise from everything else that ends a run: a
// panic, a timeout, or arguments that ask for no run at all show nothing.
func verdict(out string, passed bool) (broken bool, detail string, err error) {
	if said := brokenByIt.FindStringSubmatch(out); said != nil && !passed {
		return true, cut(said[1]), nil
	}
	switch count := brokenRuns.FindStringSubmatch(out); {
	case count == nil || passed != (count[1] == "0"):
		return false, "", fmt.Errorf("the run came to no result: %s", cut(strings.TrimSpace(out)))
	case passed:
		return false, "", nil
	}
	first, _, _ := strings.Cut(out, "\n")
	return true, cut(first), nil
}

// cut keeps a line of output short.
func cut(text string) string { return text[:min(len(text), 110)] }
