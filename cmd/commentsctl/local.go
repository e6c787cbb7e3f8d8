// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/commentsapi/operator/cmd/commentsctl/local"
)

// environmentFlags adds the flags that local and demo have in common.
func environmentFlags(flags *pflag.FlagSet, opts *local.Options) {
	flags.StringVar(&opts.Assets, "assets", "", "directory with etcd and kube-apiserver (default $KUBEBUILDER_ASSETS; hack/control-plane.sh prints one)")
	flags.StringVar(&opts.Manager, "manager", "", "the operator's binary (default: manager beside this program)")
	flags.StringArrayVar(&opts.ManagerArgs, "manager-arg", nil, "further argument of the operator, for example --manager-arg=--log-level=debug; repeatable")
	flags.IntVar(&opts.APIPort, "api-port", 0, "port of kube-apiserver on 127.0.0.1 (default: a free one)")
	flags.IntVar(&opts.AWSPort, "aws-port", 0, "port of the local AWS on 127.0.0.1 (default: a free one)")
	flags.DurationVar(&opts.Timeout, "timeout", 3*time.Minute, "how long the objects may take until they serve")
}

func localCommand() *cobra.Command {
	opts := local.Options{}
	var nature natureFlags
	var only string
	var files []string
	var serverOutput bool
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run an API server, the local AWS and the operator on this machine until Ctrl-C",
		Long: `Starts a real etcd and kube-apiserver with the CommentsAPI definition, the local
AWS, and the operator; applies a sample, waits until it serves, serves a website
that uses it, prints how to use it, and stays up until Ctrl-C. Everything listens
on 127.0.0.1 only, and nothing outlives the command.

The sample allows the website's origin (api.cors.allowedOrigins) and has short
pages, replies, times and a honeypot. Objects given with --filename are applied as they are; to
let the website use the first of them, choose its port with --site-port and allow
that origin.

With --only aws or --only cluster one part runs alone, so that an operator
binary can be run by hand against it.`,
		Example: `  commentsctl local --assets "$(hack/control-plane.sh)"
  commentsctl local -f blog.yaml --state state.json
  commentsctl local --only aws --aws-port 4566 --aws-delay tableCreate=8s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts.Only = local.Part(only)
			opts.Site = true
			opts.Progress = cmd.ErrOrStderr()
			if serverOutput {
				opts.ServerOutput = cmd.ErrOrStderr()
			}
			if err := nature.apply(&opts); err != nil {
				return err
			}
			var err error
			if opts.Objects, err = readObjects(files); err != nil {
				return err
			}
			return runLocal(cmd, opts)
		},
	}
	environmentFlags(cmd.Flags(), &opts)
	nature.register(cmd.Flags())
	cmd.Flags().IntVar(&opts.SitePort, "site-port", 0, "port of the sample site on 127.0.0.1 (default: a free one)")
	cmd.Flags().StringVar(&only, "only", "", "start one part alone: aws or cluster")
	cmd.Flags().StringVar(&opts.StateFile, "state", "", "file that receives one JSON object (kubeconfig, awsEndpoint, accountId, region, siteURL, ready) once all is up")
	cmd.Flags().StringArrayVarP(&files, "filename", "f", nil, "CommentsAPI to apply instead of the sample; repeatable; \"none\" applies nothing")
	cmd.Flags().BoolVar(&serverOutput, "server-output", false, "show what etcd and kube-apiserver print")
	return cmd
}

// readObjects reads the files; nil stands for the sample.
func readObjects(files []string) ([][]byte, error) {
	if len(files) == 0 {
		return nil, nil
	}
	objects := [][]byte{}
	for _, file := range files {
		if file == "none" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--filename: %w", err)
		}
		objects = append(objects, text)
	}
	return objects, nil
}

func runLocal(cmd *cobra.Command, opts local.Options) (err error) {
	env, err := local.Start(cmd.Context(), opts)
	if err != nil {
		return err
	}
	defer func() {
		_, _ = fmt.Fprintln(opts.Progress, "local: stopping")
		err = errors.Join(err, env.Stop())
	}()
	if err := env.Print(cmd.Context(), cmd.OutOrStdout()); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(opts.Progress, "\nlocal: up; Ctrl-C ends it")
	return env.Wait(cmd.Context())
}
