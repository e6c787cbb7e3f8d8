// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

// The parts of a stack that render prints.
var parts = []string{"table", "role", "moderator-role", "api", "stage", "openapi", "templates"}

// RenderCommand returns "commentsctl render".
func RenderCommand() *cobra.Command {
	var file, account, clusterID, namespace, only, output string
	var document bool
	cmd := &cobra.Command{
		Use:   "render -f FILE",
		Short: "Print what a manifest asks for, without AWS and without a cluster",
		Long: `Print the stack that a manifest asks for: the table, the roles with their policies, the API, the stage, the OpenAPI
document with its mapping templates. Nothing is called; what only AWS and the cluster know (the account, the ids in the
claim tags) is taken from flags or stands as a placeholder.`,
		Example: `  commentsctl render -f config/samples/blog.yaml
  commentsctl render -f blog.yaml --openapi > openapi.json
  commentsctl render -f blog.yaml --only templates`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if document {
				if only != "" && only != "openapi" {
					return fmt.Errorf("--openapi with --only %s: give one of the two", only)
				}
				only = "openapi"
			}
			if only != "" && !slices.Contains(parts, only) {
				return fmt.Errorf("--only %q: give one of %s", only, strings.Join(parts, ", "))
			}
			if output != "yaml" && output != "json" {
				return fmt.Errorf("--output %q: give yaml or json", output)
			}
			objects, err := readManifest(cmd.Context(), file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			for _, obj := range objects {
				if obj.Namespace == "" {
					obj.Namespace = namespace
				}
				desired, err := offline(obj, account, clusterID)
				if err != nil {
					return fmt.Errorf("%s/%s: %w", obj.Namespace, obj.Name, err)
				}
				if err := printDesired(cmd.OutOrStdout(), desired, only, output); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "filename", "f", "", "file with the manifest; - is standard input")
	f.StringVar(&account, "account", "000000000000", "AWS account for the ARNs")
	f.StringVar(&clusterID, "cluster-id", "cluster", "cluster id for the role's name and the claim")
	f.StringVarP(&namespace, "namespace", "n", "default", "namespace of objects that name none")
	f.StringVar(&only, "only", "", "print one part: "+strings.Join(parts, ", "))
	f.BoolVar(&document, "openapi", false, "print the OpenAPI document alone, as --only openapi does")
	f.StringVarP(&output, "output", "o", "yaml", "yaml or json; openapi is always JSON, templates are always text")
	cobra.CheckErr(cmd.MarkFlagRequired("filename"))
	return cmd
}

// offline renders an object as it would be when nothing exists yet.
func offline(obj *v1alpha1.CommentsAPI, account, clusterID string) (stack.Desired, error) {
	partition, suffix := awscloud.PartitionOf(obj.Spec.Region)
	uid := string(obj.UID)
	if uid == "" {
		uid = "unknown-before-apply"
	}
	index := render.ChooseIndex(obj.Spec, nil)
	return render.Render(obj.Spec, stack.Facts{
		AccountID: account, Partition: partition, DNSSuffix: suffix,
		IndexName: index.Name, IndexShape: index.Shape, RolePath: "/commentsapi/",
		Claim: stack.Claim{ClusterID: clusterID, Namespace: obj.Namespace, NamespaceUID: "unknown-before-apply", Name: obj.Name, UID: uid},
	})
}

func printDesired(w io.Writer, d stack.Desired, only, output string) error {
	switch only {
	case "openapi":
		_, err := w.Write(append(d.Document, '\n'))
		return err
	case "templates":
		return printTemplates(w, d.API.Definition)
	case "table":
		return printValue(w, d.Table, output)
	case "role":
		return printValue(w, readableRole(d.Role), output)
	case "moderator-role":
		if d.ModeratorRole == nil {
			return errors.New("--only moderator-role: there is none, since neither spec.comments.moderation nor spec.comments.deletion is on")
		}
		return printValue(w, readableRole(*d.ModeratorRole), output)
	case "api":
		return printValue(w, d.API, output)
	case "stage":
		return printValue(w, d.Stage, output)
	default:
		all := map[string]any{"table": d.Table, "role": readableRole(d.Role), "api": d.API, "stage": d.Stage,
			"definitionSHA256": d.DefinitionSHA256}
		if d.Key != nil {
			all["key"], all["usagePlan"] = d.Key, d.UsagePlan
		}
		if d.ModeratorRole != nil {
			all["moderatorRole"] = readableRole(*d.ModeratorRole)
		}
		return printValue(w, all, output)
	}
}

// readableRole shows policies as documents instead of as text in text.
func readableRole(r stack.Role) map[string]any {
	policies := map[string]any{}
	for name, document := range r.InlinePolicies {
		policies[name] = json.RawMessage(document)
	}
	return map[string]any{"name": r.Name, "path": r.Path, "description": r.Description,
		"trustPolicy": json.RawMessage(r.TrustPolicy), "inlinePolicies": policies,
		"permissionsBoundary": r.PermissionsBoundary, "tags": r.Tags}
}

func printValue(w io.Writer, v any, output string) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if output == "yaml" {
		if b, err = yaml.JSONToYAML(b); err != nil {
			return err
		}
		b = append([]byte("---\n"), b...)
	} else {
		b = append(b, '\n')
	}
	_, err = w.Write(b)
	return err
}

// printTemplates prints every mapping template under a heading that says where
// it stands.
func printTemplates(w io.Writer, d stack.Definition) error {
	for _, key := range slices.Sorted(maps.Keys(d.Methods)) {
		integration := d.Methods[key].Integration
		for _, kind := range slices.Sorted(maps.Keys(integration.RequestTemplates)) {
			if _, err := fmt.Fprintf(w, "## %s, request, %s\n%s\n", key, kind, integration.RequestTemplates[kind]); err != nil {
				return err
			}
		}
		for _, status := range slices.Sorted(maps.Keys(integration.Responses)) {
			for kind, text := range integration.Responses[status].Templates {
				if _, err := fmt.Fprintf(w, "## %s, response %s, %s\n%s\n", key, status, kind, text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
