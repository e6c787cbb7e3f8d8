// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/builtins"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
)

// setImage does what `kustomize edit set image` would have done.
func setImage(resources resmap.ResMap, image string) error {
	parsed, err := parseImage(image)
	if err != nil {
		return err
	}
	// Where kustomize's own defaults look for images.
	plugin := builtins.ImageTagTransformerPlugin{ImageTag: parsed, FieldSpecs: []types.FieldSpec{
		{Path: "spec/template/spec/containers[]/image", CreateIfNotPresent: false},
	}}
	if err := plugin.Transform(resources); err != nil {
		return fmt.Errorf("set the image %s: %w", image, err)
	}
	return nil
}
