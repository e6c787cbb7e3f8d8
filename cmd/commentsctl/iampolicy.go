// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/iampolicy"
)

// What iam-policy can print.
const (
	printOperator = "operator"
	printBoundary = "boundary"
	printReasons  = "reasons"
)

// noBoundary is how to do without one.
const noBoundary = "none"

func iamPolicyCommand() *cobra.Command {
	opts := iampolicy.Options{}
	what := printOperator
	cmd := &cobra.Command{
		Use:   "iam-policy --account ID --region REGION",
		Short: "Print the IAM policy that the operator needs, and the boundary of its roles",
		Long: `Print the IAM policy of the operator's own role as JSON: tables by name, roles
below one path and only with the boundary, REST APIs, and nothing else. It has
no right to read or write comments.

The boundary is the most that any role the operator makes can ever do. Make it
once per account, and start the operator with --permissions-boundary=ARN.

"--print reasons" says of each statement what it is for.`,
		Example: `  commentsctl iam-policy --account 111122223333 --region eu-west-1 > policy.json
  commentsctl iam-policy --account 111122223333 --region eu-west-1 --print boundary > boundary.json
  commentsctl iam-policy --account 111122223333 --region us-gov-west-1 --table-prefix blog- --boundary team-boundary`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := completed(opts)
			if err != nil {
				return err
			}
			var doc iampolicy.Document
			switch what {
			case printOperator, printReasons:
				doc, err = iampolicy.Operator(o)
			case printBoundary:
				doc, err = iampolicy.Boundary(o)
			default:
				return fmt.Errorf("--print %q: give %s, %s or %s", what, printOperator, printBoundary, printReasons)
			}
			if err != nil {
				return err
			}
			if what == printReasons {
				for _, s := range doc.Statement {
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-22s %s\n", s.Sid, iampolicy.Why(s.Sid)); err != nil {
						return err
					}
				}
				return nil
			}
			text, err := doc.Text()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.AccountID, "account", "", "AWS account id, twelve digits")
	f.StringArrayVar(&opts.Regions, "region", nil, "region in which tables and APIs may be made; repeatable")
	f.StringVar(&opts.Partition, "partition", "", "aws, aws-cn, aws-us-gov, ... (default: the region's)")
	f.StringVar(&opts.TablePrefix, "table-prefix", "", "what all table names begin with (default: any name)")
	f.StringVar(&opts.RolePath, "role-path", "/commentsapi/", "the operator's --role-path")
	f.StringVar(&opts.Boundary, "boundary", iampolicy.DefaultBoundary, `name or ARN of the operator's --permissions-boundary; "none" lets it make roles that nothing bounds`)
	f.StringArrayVar(&opts.AssumeRoles, "assume-role", nil, "ARN of a role for namespaces with an account of their own; repeatable")
	f.StringArrayVar(&opts.KMSKeys, "kms-key", nil, "ARN of a key that tables may be encrypted with; repeatable")
	f.StringVar(&what, "print", printOperator, "operator, boundary, or reasons for each statement")
	cobra.CheckErr(cmd.MarkFlagRequired("account"))
	cobra.CheckErr(cmd.MarkFlagRequired("region"))
	return cmd
}

// completed fills in what follows from the region: the partition, and the
// boundary's ARN. Regions of two partitions can't be in one policy, since their
// accounts differ.
func completed(o iampolicy.Options) (iampolicy.Options, error) {
	for _, region := range o.Regions {
		partition, _ := awscloud.PartitionOf(region)
		if o.Partition == "" {
			o.Partition = partition
		}
		if partition != o.Partition {
			return o, fmt.Errorf("--region %s is of the partition %s, not %s; print one policy for each partition", region, partition, o.Partition)
		}
	}
	switch {
	case o.Boundary == noBoundary:
		o.Boundary = ""
	case o.Boundary != "" && !strings.HasPrefix(o.Boundary, "arn:"):
		o.Boundary = fmt.Sprintf("arn:%s:iam::%s:policy/%s", o.Partition, o.AccountID, strings.TrimPrefix(o.Boundary, "/"))
	}
	return o, nil
}
