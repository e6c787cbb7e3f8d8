// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command commentsctl helps people who write CommentsAPI objects: it runs the
// whole thing on one machine and shows what the operator would do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/commentsapi/operator/cmd/commentsctl/inspect"
	"github.com/commentsapi/operator/cmd/commentsctl/moderate"
	"github.com/commentsapi/operator/cmd/commentsctl/site"
)

// exitChanges is the exit code of plan when there is something to change.
const exitChanges = 2

// version is set when the program is built.
var version = "dev"

func main() {
	// A closed terminal ends it as Ctrl-C does, so that no server is left.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	logf.SetLogger(logr.Discard())
	err := root().ExecuteContext(ctx)
	stop()
	switch {
	case errors.Is(err, inspect.ErrChanges):
		os.Exit(exitChanges)
	case err != nil:
		fmt.Fprintln(os.Stderr, "commentsctl:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "commentsctl",
		Short:         "Try, inspect and prepare comments APIs",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(localCommand(), demoCommand(), inspect.RenderCommand(), inspect.PlanCommand(), site.Command(), moderate.Command(),
		iamPolicyCommand(), versionCommand())
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "commentsctl %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
