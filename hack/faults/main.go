// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command faults runs the fault matrix (package internal/faults, described in
// docs/faults.md) in full, or the part that its flags ask for. It prints a
// table with a line for each workload and a last line
//
//	faults: sites=… faults=… runs=… violations=0
//
// and exits with 1 when a promise was broken; every such case comes with the
// command that replays it. Run it from anywhere inside the repository.
//
// With -protections it shows instead that the matrix would notice: each
// protection of the operator is taken out of its source, by an overlay, and
// the runs named beside it must fail then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// options are the command's flags.
type options struct {
	workload, fault, site string
	pairs, sample         int
	seed                  uint64
	protections           bool
	only                  string
	managers              int
	soak                  time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.workload, "workload", "", "run this workload only")
	flag.StringVar(&o.fault, "fault", "", "run this fault only; with several sites, one for each, joined by +")
	flag.StringVar(&o.site, "site", "", "meet this call only, such as apigateway.CreateRestApi#1; several joined by +")
	flag.IntVar(&o.pairs, "pairs", 2000, "how many random pairs of faults to run after the matrix")
	flag.IntVar(&o.sample, "sample", 0, "run only so many cases, spread over workloads and faults; 0 is all")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of pairs and sample")
	flag.BoolVar(&o.protections, "protections", false, "show that each protection, taken out, is missed")
	flag.StringVar(&o.only, "only", "", "with -protections: try this one only")
	flag.IntVar(&o.managers, "managers", 0, "instead: so many rounds with two manager processes whose leader is killed or stopped")
	flag.DurationVar(&o.soak, "soak", 0, "instead: let 200 objects live that long, by their own clock, with faults at 5 % of the calls")
	flag.Parse()
	log.SetLogger(logr.Discard())
	if o.site != "" || o.fault != "" {
		o.pairs = 0
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "faults-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.managers > 0 {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return tryManagers(ctx, root, dir, o.managers, o.seed)
	}
	if o.protections {
		return tryProtections(root, dir, o.only)
	}
	binary, err := build(root, dir, "faults.test", "")
	if err != nil {
		return err
	}
	args := matrixArgs(o)
	if o.soak > 0 {
		args = []string{"-test.run=^TestSoak$", "-faults.soak=" + o.soak.String(), "-faults.seed=" + strconv.FormatUint(o.seed, 10)}
	}
	return suite(root, binary, args)
}

// moduleRoot is the directory of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	if mod == "" || mod == os.DevNull {
		return "", errors.New("run this inside the repository")
	}
	return filepath.Dir(mod), nil
}

// build compiles the suite to a file in dir, with sources replaced as an
// overlay file says.
func build(root, dir, name, overlay string) (string, error) {
	binary := filepath.Join(dir, name)
	args := []string{"test", "-c", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.Command("go", append(args, "./internal/faults")...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the suite: %w\n%s", err, out)
	}
	return binary, nil
}

func matrixArgs(o options) []string {
	return []string{"-test.run=^TestFaultMatrix$",
		"-faults.workload=" + o.workload, "-faults.fault=" + o.fault, "-faults.site=" + o.site,
		"-faults.pairs=" + strconv.Itoa(o.pairs), "-faults.sample=" + strconv.Itoa(o.sample),
		"-faults.seed=" + strconv.FormatUint(o.seed, 10)}
}

// suite runs the compiled suite. It makes garbage by the gigabyte and has
// little to keep, so it collects less often than usual.
func suite(root, binary string, args []string) error {
	cmd := exec.Command(binary, append([]string{"-test.timeout=0"}, args...)...)
	cmd.Dir = filepath.Join(root, "internal", "faults")
	cmd.Env = append(os.Environ(), "GOGC=400")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New("promises were broken; see above")
	}
	return err
}
