// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// ImageName is the name that the kustomizations give to the operator's image.
const ImageName = "commentsapi-operator"

// Kustomize builds a directory as `kubectl apply -k` does. An image that isn't
// empty takes the place of ImageName; it is NAME, NAME:TAG or NAME@DIGEST.
func Kustomize(dir, image string) ([]byte, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", dir, err)
	}
	if image != "" {
		if err := setImage(resources, image); err != nil {
			return nil, err
		}
	}
	return resources.AsYaml()
}

// parseImage splits NAME[:TAG][@DIGEST]. A colon before the last slash belongs
// to a registry's port.
func parseImage(image string) (types.Image, error) {
	out := types.Image{Name: ImageName}
	name, digest, _ := strings.Cut(image, "@")
	out.Digest = digest
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name, out.NewTag = name[:i], name[i+1:]
	}
	out.NewName = name
	if name == "" || strings.ContainsAny(image, " \t\n") {
		return out, fmt.Errorf("image %q: give NAME:TAG or NAME@sha256:DIGEST", image)
	}
	return out, nil
}
