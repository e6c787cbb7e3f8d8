// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// report collects numbers by name and tells how far the bench is.
type report struct {
	w       io.Writer
	began   time.Time
	numbers map[string]float64
}

func newReport(w io.Writer) *report {
	return &report{w: w, began: time.Now(), numbers: map[string]float64{}}
}

// set notes a number, with three digits after the point.
func (r *report) set(name string, value float64) {
	r.numbers[name] = math.Round(value*1000) / 1000
	r.progress("  %s = %v", name, r.numbers[name])
}

func (r *report) progress(format string, args ...any) {
	fmt.Fprintf(r.w, "bench: %4.0f s  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
}

// write prints the table and merges the numbers into the flat object in a
// file, which need not be there.
func (r *report) write(name string) error {
	fmt.Fprintf(r.w, "\n%d cores, %s, %s/%s\n\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	table := tabwriter.NewWriter(r.w, 0, 8, 2, ' ', 0)
	for _, key := range slices.Sorted(maps.Keys(r.numbers)) {
		fmt.Fprintf(table, "%s\t%v\n", key, r.numbers[key])
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	all := map[string]float64{}
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no flat object of numbers: %w; remove it, or name another file with -out", name, err)
	}
	maps.Copy(all, r.numbers)
	if text, err = json.MarshalIndent(all, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644) //nolint:gosec // a report that anybody may read
}
