// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// anyCluster stands for the cluster's id where nothing depends on it, so that
// the right to read the namespace kube-system isn't needed.
const anyCluster = "any"

// StatusCommand returns "commentsctl status".
func StatusCommand() *cobra.Command {
	o := clusterOptions{clusterID: anyCluster}
	var all bool
	var output string
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show what an object's stack consists of, and how each part is",
		Long: `Show CommentsAPI objects as trees: table, role, API and stage with their states,
what stands in the way, and what is still to be changed. Only the cluster is
asked, not AWS; "commentsctl plan" asks AWS too.`,
		Example: `  commentsctl status
  commentsctl status blog -n default
  commentsctl status -A -o json | jq '.[] | select(.ready != "True")'
  kubectl commentsapi status blog`,
		ValidArgsFunction: o.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output %q: give text or json", output)
			}
			objects, err := o.list(cmd.Context(), names, all)
			if err != nil {
				return err
			}
			if output == "json" {
				return printStatusJSON(cmd.OutOrStdout(), objects)
			}
			for i := range objects {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if _, err := io.WriteString(cmd.OutOrStdout(), drawStatus(&objects[i], paintFor(cmd.OutOrStdout()))); err != nil {
					return err
				}
			}
			if len(objects) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "there are no CommentsAPIs here; -A looks in all namespaces")
			}
			return nil
		},
	}
	o.registerWhere(cmd.Flags())
	cmd.Flags().BoolVarP(&all, "all-namespaces", "A", false, "in all namespaces")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// list returns the named objects, or all there are.
func (o *clusterOptions) list(ctx context.Context, names []string, all bool) ([]v1alpha1.CommentsAPI, error) {
	c, err := o.connect(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		list := &v1alpha1.CommentsAPIList{}
		in := c.namespace
		if all {
			in = ""
		}
		if err := c.client.List(ctx, list, client.InNamespace(in)); err != nil {
			return nil, fmt.Errorf("listing CommentsAPIs: %w", err)
		}
		return list.Items, nil
	}
	if all {
		return nil, fmt.Errorf("--all-namespaces and a name: a name belongs to one namespace; give -n NAMESPACE")
	}
	var objects []v1alpha1.CommentsAPI
	for _, name := range names {
		obj, err := c.object(ctx, c.namespace, name)
		if err != nil {
			return nil, err
		}
		if obj == nil {
			return nil, fmt.Errorf("there is no CommentsAPI %s", types.NamespacedName{Namespace: c.namespace, Name: name})
		}
		objects = append(objects, *obj)
	}
	return objects, nil
}

// completeNames offers the names of objects to the shell.
func (o *clusterOptions) completeNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	objects, err := o.list(cmd.Context(), nil, false)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, obj := range objects {
		names = append(names, obj.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// state is an object for programs.
type state struct {
	Namespace  string                      `json:"namespace"`
	Name       string                      `json:"name"`
	Region     string                      `json:"region"`
	Ready      string                      `json:"ready"`
	Synced     string                      `json:"synced"`
	Stalled    bool                        `json:"stalled"`
	Conditions map[string]conditionState   `json:"conditions"`
	Status     *v1alpha1.CommentsAPIStatus `json:"status"`
}

type conditionState struct {
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func printStatusJSON(w io.Writer, objects []v1alpha1.CommentsAPI) error {
	out := []state{}
	for i := range objects {
		obj := &objects[i]
		s := state{Namespace: obj.Namespace, Name: obj.Name, Region: obj.Spec.Region, Ready: "Unknown", Synced: "Unknown",
			Conditions: map[string]conditionState{}, Status: &obj.Status}
		for _, c := range obj.Status.Conditions {
			s.Conditions[c.Type] = conditionState{string(c.Status), c.Reason, c.Message}
			switch c.Type {
			case v1alpha1.ConditionReady:
				s.Ready = string(c.Status)
			case v1alpha1.ConditionSynced:
				s.Synced = string(c.Status)
			case v1alpha1.ConditionStalled:
				s.Stalled = true
			}
		}
		out = append(out, s)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
