// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command commentsctl helps people who write CommentsAPI objects: it runs the
// whole thing on one machine and shows what the operator would do.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
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
	err := root(os.Args[0]).ExecuteContext(ctx)
	stop()
	switch {
	case errors.Is(err, inspect.ErrChanges):
		os.Exit(exitChanges)
	case err != nil:
		fmt.Fprintln(os.Stderr, "commentsctl:", err)
		os.Exit(1)
	}
}

// pluginName is the name under which kubectl finds the program as a plugin.
const pluginName = "kubectl-commentsapi"

// root is the command for the name under which the program was started.
func root(started string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "commentsctl",
		Short: "Try, inspect and prepare comments APIs",
		Long: `Try, inspect and prepare comments APIs.

Linked as kubectl-commentsapi into a directory of the PATH, it is a kubectl
plugin: kubectl commentsapi status.`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	if name := strings.TrimSuffix(filepath.Base(started), ".exe"); name == pluginName {
		cmd.Use = pluginName
		cmd.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl commentsapi"}
	}
	cmd.AddCommand(localCommand(), demoCommand(), inspect.RenderCommand(), inspect.PlanCommand(), inspect.StatusCommand(),
		inspect.OpenCommand(), site.Command(), moderate.Command(),
		iamPolicyCommand(), versionCommand())
	return cmd
}

func versionCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  commentsctl version -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var text string
			switch platform := runtime.GOOS + "/" + runtime.GOARCH; output {
			case "text":
				text = fmt.Sprintf("commentsctl %s (%s, %s)", version, runtime.Version(), platform)
			case "json":
				b, err := json.Marshal(map[string]string{"version": version, "go": runtime.Version(), "platform": platform})
				if err != nil {
					return err
				}
				text = string(b)
			default:
				return fmt.Errorf("--output %q: give text or json", output)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}
