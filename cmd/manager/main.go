// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// The manager is the operator: it runs in a cluster and keeps the stacks of
// CommentsAPI objects in AWS as declared.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	ctrl "sigs.k8s.io/controller-runtime"
)

// version is stamped by the build.
var version = "development"

func main() {
	economize()
	ctx := ctrl.SetupSignalHandler()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	s := settings{}
	cmd := &cobra.Command{
		Use:           "manager",
		Short:         "Run the CommentsAPI operator",
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), s, given(cmd.Flags()))
		},
	}
	s.register(cmd.Flags())
	return cmd
}

// run starts the operator and returns when ctx ends. It tells the log the flags
// that were given.
func run(ctx context.Context, s settings, flags map[string]string) error {
	if err := s.check(); err != nil {
		return err
	}
	ctrl.SetLogger(s.logger())
	starting(ctrl.Log, flags)
	m, err := newManager(ctx, s)
	if err != nil {
		return err
	}
	return m.Start(ctx)
}

// starting is the log's first line: who reads it later must know what ran.
func starting(log logr.Logger, flags map[string]string) {
	log.Info("starting", "version", version, "settings", flags)
}

// economize runs Go's scheduler on one processor, and lets the heap grow to
// three times what is in use before garbage is collected, unless the
// environment says otherwise (GOMAXPROCS, GOGC). The operator waits for AWS
// nearly all the time: on a second processor it would mostly look for work and
// not find any, which takes a third of a check's processor time; collecting at
// twice what is in use takes an eighth.
func economize() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}
