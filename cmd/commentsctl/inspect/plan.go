// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/plan"
)

// ErrChanges says that a plan holds changes; the command's exit code is then 2,
// so that scripts can tell them from a failure.
var ErrChanges = errors.New("there are changes to be made")

// planOptions are the flags of "commentsctl plan".
type planOptions struct {
	cluster  clusterOptions
	file     string
	name     string
	output   string
	rolePath string
	boundary string
	// The operator's ways with Namespaces.
	roleRequired bool
	tablePrefix  string
	assumeRole   bool
}

// PlanCommand returns "commentsctl plan".
func PlanCommand() *cobra.Command {
	o := planOptions{}
	cmd := &cobra.Command{
		Use:   "plan (-f FILE | --name NAME)",
		Short: "Show what the operator would change in AWS, field by field",
		Long: `Read AWS, compare it with a manifest or with a live object, and print the changes that the operator would make, in
order. Nothing is written, to AWS or to the cluster.

The exit code is 0 if there is nothing to do, 2 if there are changes, 1 if the plan could not be made.

The cluster is asked for what ties AWS resources to the object: its uid, its namespace's uid, the cluster's id. For a
manifest whose object is not applied yet, resources that exist already are shown as somebody else's.

What the object's Namespace decides is taken into account: AWS is read as the role that it names, and what it lets the
object adopt is planned so.`,
		Example: `  commentsctl plan -f blog.yaml
  commentsctl plan --name blog -n default --context prod
  commentsctl plan -f blog.yaml -o json | jq '.steps[].op'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	o.cluster.register(f)
	f.StringVarP(&o.file, "filename", "f", "", "file with the manifest; - is standard input")
	f.StringVar(&o.name, "name", "", "name of a live object")
	f.StringVarP(&o.output, "output", "o", "text", "text or json")
	f.StringVar(&o.rolePath, "role-path", "/commentsapi/", "the operator's --role-path")
	f.StringVar(&o.boundary, "permissions-boundary", "", "the operator's --permissions-boundary")
	f.BoolVar(&o.roleRequired, "require-namespace-role", false, "the operator's --require-namespace-role")
	f.StringVar(&o.tablePrefix, "table-name-prefix", "", "the operator's --table-name-prefix")
	f.BoolVar(&o.assumeRole, "assume-role", true, "read AWS as the role that the Namespace names; false is with your own credentials, in their account")
	return cmd
}

func (o planOptions) run(cmd *cobra.Command) error {
	if (o.file == "") == (o.name == "") {
		return errors.New("give either -f FILE or --name NAME")
	}
	if o.output != "text" && o.output != "json" {
		return fmt.Errorf("--output %q: give text or json", o.output)
	}
	cluster, err := o.cluster.connect(cmd.Context())
	if err != nil {
		return err
	}
	objects, err := o.objects(cmd, cluster)
	if err != nil {
		return err
	}
	clouds := awscloud.NewFactory(awscloud.Config{AppID: "commentsctl"})
	changes := false
	for _, obj := range objects {
		p, account, err := o.plan(cmd, cluster, clouds, obj)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", obj.Namespace, obj.Name, err)
		}
		changes = changes || !p.Empty()
		if err := printPlan(cmd.OutOrStdout(), obj, account, p, o.output); err != nil {
			return err
		}
	}
	if changes {
		return ErrChanges
	}
	return nil
}

// objects returns what to plan for: the live object, or each object of the
// file with the identity and the status of its live self.
func (o planOptions) objects(cmd *cobra.Command, c *cluster) ([]*v1alpha1.CommentsAPI, error) {
	if o.name != "" {
		obj, err := c.object(cmd.Context(), c.namespace, o.name)
		if err == nil && obj == nil {
			err = fmt.Errorf("there is no CommentsAPI %s/%s in the cluster", c.namespace, o.name)
		}
		return []*v1alpha1.CommentsAPI{obj}, err
	}
	objects, err := readManifest(cmd.Context(), o.file, cmd.InOrStdin())
	if err != nil {
		return nil, err
	}
	for _, obj := range objects {
		if obj.Namespace == "" {
			obj.Namespace = c.namespace
		}
		live, err := c.object(cmd.Context(), obj.Namespace, obj.Name)
		if err != nil {
			return nil, err
		}
		if live != nil {
			obj.UID, obj.Status, obj.Annotations = live.UID, live.Status, live.Annotations
		}
	}
	return objects, nil
}

func (o planOptions) plan(cmd *cobra.Command, c *cluster, clouds *awscloud.Factory, obj *v1alpha1.CommentsAPI) (plan.Plan, *awscloud.Account, error) {
	ctx := cmd.Context()
	tenant, claim, err := c.tenant(ctx, obj, o.roleRequired)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if block := cmp.Or(tenant.Block, check.Misnamed(obj.Namespace, obj.Spec.TableName, o.tablePrefix)); block != nil {
		return plan.Plan{Block: block}, nil, nil
	}
	if !o.assumeRole {
		tenant.Target.RoleARN, tenant.Target.ExternalID = "", ""
	}
	account, err := clouds.Account(ctx, tenant.Target)
	if err != nil && tenant.Target.RoleARN != "" {
		return plan.Plan{}, nil, fmt.Errorf("%w; the Namespace %s names the role %s; --assume-role=false reads with your own credentials",
			awscloud.Classify(err), obj.Namespace, tenant.Target.RoleARN)
	}
	if err != nil {
		return plan.Plan{}, nil, awscloud.Classify(err)
	}
	if block := check.Accounted(account, obj.Status.AccountID); block != nil {
		return plan.Plan{Block: block}, account, nil
	}
	result, err := check.Look(ctx, account, check.Settings{RolePath: o.rolePath, PermissionsBoundary: o.boundary}, check.Subject{
		Spec: obj.Spec, Claim: claim, Allowed: tenant.Allowed, Living: c.living, Recorded: check.Recorded(&obj.Status),
		RecreateTable: obj.Annotations[v1alpha1.AnnotationRecreateTable] == "true", Thorough: true,
	}, time.Now())
	if err != nil {
		return plan.Plan{}, account, awscloud.Classify(err)
	}
	return result.Plan, account, nil
}

// printPlan prints a plan; account is nil where no account was looked for.
func printPlan(w io.Writer, obj *v1alpha1.CommentsAPI, account *awscloud.Account, p plan.Plan, output string) error {
	id, where := "", obj.Spec.Region
	if account != nil {
		id, where = account.ID, "account "+account.ID+", "+obj.Spec.Region
	}
	if output == "json" {
		b, err := json.MarshalIndent(struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
			AccountID string `json:"accountID,omitempty"`
			Region    string `json:"region"`
			plan.Plan
		}{obj.Namespace, obj.Name, id, obj.Spec.Region, p}, "", "  ")
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	}
	_, err := io.WriteString(w, describePlan(fmt.Sprintf("%s/%s in %s", obj.Namespace, obj.Name, where), p, paintFor(w)))
	return err
}
