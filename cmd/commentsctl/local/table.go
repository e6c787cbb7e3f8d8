// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// PrintTable prints the CommentsAPIs of all namespaces as `kubectl get
// commentsapi -A` does: the API server makes the table, so no kubectl is
// needed. It returns errors of the API server and of out.
func PrintTable(ctx context.Context, cfg *rest.Config, out io.Writer) error {
	cfg = rest.CopyConfig(cfg)
	cfg.APIPath = "/apis"
	cfg.GroupVersion = &v1alpha1.GroupVersion
	cfg.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(cfg)
	if err != nil {
		return fmt.Errorf("make a client for the table: %w", err)
	}
	raw, err := client.Get().Resource("commentsapis").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(ctx).Raw()
	if err != nil {
		return fmt.Errorf("get the table of CommentsAPIs: %w", err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(raw, table); err != nil {
		return fmt.Errorf("read the table of CommentsAPIs: %w", err)
	}
	return writeTable(table, out)
}

// writeTable prints the columns that kubectl shows without -o wide.
func writeTable(table *metav1.Table, out io.Writer) error {
	if len(table.Rows) == 0 {
		_, err := fmt.Fprintln(out, "No CommentsAPIs.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	header := []string{"NAMESPACE"}
	for _, column := range table.ColumnDefinitions {
		if column.Priority == 0 {
			header = append(header, strings.ToUpper(column.Name))
		}
	}
	_, _ = fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, row := range table.Rows {
		meta := &metav1.PartialObjectMetadata{}
		if err := json.Unmarshal(row.Object.Raw, meta); err != nil {
			return fmt.Errorf("read a row of the table: %w", err)
		}
		cells := []string{meta.Namespace}
		for i, column := range table.ColumnDefinitions {
			if column.Priority != 0 {
				continue
			}
			cell := ""
			if i < len(row.Cells) && row.Cells[i] != nil {
				cell = fmt.Sprint(row.Cells[i])
			}
			cells = append(cells, cell)
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}
