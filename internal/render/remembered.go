// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// Remembered is what one rendering of an object leaves for the next: the hash
// of its document, which is most of the work of a rendering and changes only
// with the spec and the facts. It must not outlive the process, since another
// version of the operator writes another document. The zero value remembers
// nothing. It is not safe for concurrent use.
type Remembered struct {
	inputs [sha256.Size]byte
	hash   string
}

// Render is the function Render for whoever needs the document's hash and not
// the document: Document is nil if the last rendering was of the same spec and
// facts.
func (r *Remembered) Render(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.Desired, error) {
	text, err := json.Marshal([]any{spec, facts})
	if err != nil {
		return stack.Desired{}, fmt.Errorf("remember what was rendered: %w", err)
	}
	inputs := sha256.Sum256(text)
	if r.hash == "" || inputs != r.inputs {
		desired, err := Render(spec, facts)
		if err == nil {
			r.inputs, r.hash = inputs, desired.DefinitionSHA256
		}
		return desired, err
	}
	whole, err := renderStack(withDefaults(spec), facts)
	return stack.Desired{Stack: whole, DefinitionSHA256: r.hash}, err
}
