// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package moderate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The values of --output.
const (
	outputTable = "table"
	outputJSON  = "json"
)

// options are what all subcommands share.
type options struct {
	api, region, output string
	yes                 bool
}

// decided is what is said of a comment that was decided on.
type decided struct {
	CommentID string `json:"commentId"`
	Status    string `json:"status"`
}

// Command moderates comments.
func Command() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "moderate",
		Short: "List, approve, reject and delete comments",
		Long: `Makes the calls of moderators, signed with the AWS credentials of the usual chain
(AWS_PROFILE, environment, SSO, roles). Their IAM policy must allow
execute-api:Invoke on the calls; docs/api.md shows one. The object must offer
them: comments.moderation: BeforeListing, comments.deletion: Enabled.`,
		Example: `  commentsctl moderate list --api "$URL"
  commentsctl moderate approve --api "$URL" COMMENT
  commentsctl moderate delete --api "$URL" PAGE COMMENT`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&o.api, "api", "", "URL of the API, stage included: status.invokeURL of the object (required)")
	flags.StringVar(&o.region, "region", "", "the API's region (default: the one in the URL, else that of the AWS settings)")
	flags.StringVarP(&o.output, "output", "o", outputTable, "table or json")
	cmd.AddCommand(o.list(), o.show(), o.approve(), o.reject(), o.delete())
	return cmd
}

// client checks the flags that all subcommands share.
func (o *options) client(ctx context.Context) (*Client, error) {
	if o.output != outputTable && o.output != outputJSON {
		return nil, fmt.Errorf("--output %q: there are %s and %s", o.output, outputTable, outputJSON)
	}
	if o.api == "" {
		return nil, errors.New("name the API with --api: status.invokeURL of the object")
	}
	return NewClient(ctx, o.api, o.region)
}

func (o *options) list() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the comments that wait for a decision, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return fmt.Errorf("--limit %d: at least 1, or 0 for all", limit)
			}
			c, err := o.client(cmd.Context())
			if err != nil {
				return err
			}
			comments, err := c.Pending(cmd.Context(), limit)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return printJSON(cmd.OutOrStdout(), comments)
			}
			return printTable(cmd.OutOrStdout(), comments)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many (default: all)")
	return cmd
}

func (o *options) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show COMMENT",
		Short: "Show all of a comment that waits",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := o.client(cmd.Context())
			if err != nil {
				return err
			}
			comment, err := c.Find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return printJSON(cmd.OutOrStdout(), comment)
			}
			return printComment(cmd.OutOrStdout(), comment)
		},
	}
}

func (o *options) approve() *cobra.Command {
	return &cobra.Command{
		Use:   "approve COMMENT...",
		Short: "List comments that wait on their pages",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.each(cmd, args, decision{status: "Approved", make: (*Client).Approve})
		},
	}
}

func (o *options) reject() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reject COMMENT...",
		Short: "Delete comments that wait, for good",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.each(cmd, args, decision{status: "Rejected", make: (*Client).Reject,
				question: "Reject " + strings.Join(args, ", ") + ", which deletes what was written for good?"})
		},
	}
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "don't ask")
	return cmd
}

func (o *options) delete() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete PAGE COMMENT...",
		Short: "Delete comments that are listed on a page, for good",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			page, ids := args[0], args[1:]
			return o.each(cmd, ids, decision{status: "Deleted",
				make:     func(c *Client, ctx context.Context, id string) error { return c.Delete(ctx, page, id) },
				question: "Delete " + strings.Join(ids, ", ") + " of page " + page + " for good?"})
		},
	}
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "don't ask")
	return cmd
}

// confirm asks on the terminal unless --yes is given.
func (o *options) confirm(cmd *cobra.Command, question string) error {
	if o.yes {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", plain(question))
	answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		fmt.Fprintln(cmd.ErrOrStderr())
	}
	return errors.New("nothing was deleted: answer y, or give --yes")
}

// decision is what is done with comments.
type decision struct {
	// status is what they are then.
	status string
	make   func(*Client, context.Context, string) error
	// question is asked first, if there is one.
	question string
}

// each decides on every comment, goes on after a failure, and reports all.
func (o *options) each(cmd *cobra.Command, ids []string, d decision) error {
	c, err := o.client(cmd.Context())
	if err != nil {
		return err
	}
	if d.question != "" {
		if err := o.confirm(cmd, d.question); err != nil {
			return err
		}
	}
	done := []decided{}
	var errs []error
	for _, id := range ids {
		if err := d.make(c, cmd.Context(), id); err != nil {
			errs = append(errs, fmt.Errorf("comment %s: %w", plain(id), err))
			continue
		}
		done = append(done, decided{CommentID: id, Status: d.status})
		if o.output == outputTable {
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", plain(id), strings.ToLower(d.status))
		}
	}
	if o.output == outputJSON {
		errs = append(errs, printJSON(cmd.OutOrStdout(), done))
	}
	return errors.Join(errs...)
}
