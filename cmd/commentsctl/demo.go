// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/commentsapi/operator/cmd/commentsctl/demo"
	"github.com/commentsapi/operator/cmd/commentsctl/local"
)

func demoCommand() *cobra.Command {
	opts := local.Options{}
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a comments API come up, be corrected and go",
		Long: `Runs the same as local, posts and lists a comment, changes the deployed API and
deletes the table's index behind the operator's back, shows both corrected,
deletes the object and shows what is left. Ends with "demo: ok" and exit
status 0, or says what went wrong.`,
		Example: "  commentsctl demo --assets \"$(hack/control-plane.sh)\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			opts.Progress = cmd.ErrOrStderr()
			env, err := local.Start(cmd.Context(), opts)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, env.Stop()) }()
			return demo.Run(cmd.Context(), env, demo.Options{Out: cmd.OutOrStdout(), Limit: limit})
		},
	}
	environmentFlags(cmd.Flags(), &opts)
	cmd.Flags().DurationVar(&limit, "limit", 5*time.Minute, "how long the demonstration may take once all is up")
	return cmd
}
