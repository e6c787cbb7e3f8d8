// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

// TestTheEnvironmentDecidesOverProcessorsAndHeap: the manager is sparing by
// itself, and whoever sets Go's own variables gets what they ask for.
func TestTheEnvironmentDecidesOverProcessorsAndHeap(t *testing.T) {
	procs, percent := runtime.GOMAXPROCS(0), debug.SetGCPercent(100)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs); debug.SetGCPercent(percent) })
	for name, test := range map[string]struct {
		set             map[string]string
		procs, percents int
	}{
		"nothing is set":    {procs: 1, percents: 200},
		"processors are":    {set: map[string]string{"GOMAXPROCS": "3"}, procs: 3, percents: 200},
		"the collector is":  {set: map[string]string{"GOGC": "70"}, procs: 1, percents: 70},
		"an empty variable": {set: map[string]string{"GOMAXPROCS": "", "GOGC": ""}, procs: 1, percents: 200},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"GOMAXPROCS", "GOGC"} {
				t.Setenv(variable, "") // remembers what was
				if value, ok := test.set[variable]; !ok {
					_ = os.Unsetenv(variable)
				} else {
					t.Setenv(variable, value)
				}
			}
			// Go has read the variables when the process started.
			runtime.GOMAXPROCS(3)
			debug.SetGCPercent(70)
			economize()
			gotProcs, gotPercent := runtime.GOMAXPROCS(0), debug.SetGCPercent(100)
			if gotProcs != test.procs || gotPercent != test.percents {
				t.Errorf("%d processors and %d %%, want %d and %d %%", gotProcs, gotPercent, test.procs, test.percents)
			}
		})
	}
}
