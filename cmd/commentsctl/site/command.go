// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// stopTimeout bounds how long requests may keep the server from ending.
const stopTimeout = 5 * time.Second

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

// Command serves or exports the sample site.
func Command() *cobra.Command {
	var api, dir string
	var port int
	var force bool
	cmd := &cobra.Command{
		Use:   "site (--api URL | --export DIR)",
		Short: "Serve the sample site for an API, or write its files for a host of your own",
		Long: `Serves a sample website with a comments section under each article, on
127.0.0.1 until Ctrl-C. Its sections call the API at --api, which is
status.invokeURL of the object; the object must allow the site's origin in
api.cors.allowedOrigins, so choose the port with --port.

With --export the same files are written to a directory instead. Of these,
` + Component + ` is all that a website of your own needs.`,
		Example: `  commentsctl site --api "$URL" --port 8080
  commentsctl site --export public`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir != "" {
				return export(cmd, dir, api, force)
			}
			if api == "" {
				return fmt.Errorf("name the API with --api (status.invokeURL of the object), or a directory with --export")
			}
			return serve(cmd, api, port)
		},
	}
	cmd.Flags().StringVar(&api, "api", "", "URL of the API, stage included")
	cmd.Flags().StringVar(&dir, "export", "", "directory to write the files to")
	cmd.Flags().BoolVar(&force, "force", false, "with --export, overwrite files that differ")
	cmd.Flags().IntVar(&port, "port", 0, "port on 127.0.0.1 (default: a free one)")
	return cmd
}

func export(cmd *cobra.Command, dir, api string, force bool) error {
	named := api != ""
	if !named {
		api = PlaceholderAPI
	}
	names, err := Export(dir, api, force)
	if err != nil {
		return err
	}
	policy, err := Policy(api)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, name := range names {
		fmt.Fprintln(out, name)
	}
	if !named {
		fmt.Fprintf(out, "\nNo --api was given: replace %s in the pages.\n", PlaceholderAPI)
	}
	fmt.Fprintf(out, "\nServe them with this header:\n\nContent-Security-Policy: %s\n", policy)
	return nil
}

func serve(cmd *cobra.Command, api string, port int) (err error) {
	s, err := Listen(port)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), stopTimeout)
		defer cancel()
		err = errors.Join(err, s.Close(ctx))
	}()
	if err := s.Serve(api); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n\nThe API must allow it: api.cors.allowedOrigins: [%q]. Ctrl-C ends the site.\n", s.Origin(), s.Origin())
	<-cmd.Context().Done()
	return nil
}
