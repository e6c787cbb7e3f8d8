// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package openapi reads the OpenAPI 3 documents that ImportRestApi and
// PutRestApi take, with API Gateway's extensions (aws-facts B4), and writes
// those that GetExport answers (C3). It knows documents, not APIs: ids,
// accounts and limits are the control plane's.
package openapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// ErrInvalid is a document that can't be read at all (aws-facts B2).
var ErrInvalid = errors.New("invalid OpenAPI document")

// ErrSwagger2 is a document of the older format, which isn't implemented.
var ErrSwagger2 = errors.New("documents in Swagger 2.0 (use OpenAPI 3.0)")

// Definition is what a document says about an API.
type Definition struct {
	Title       string
	Description string
	Version     string

	APIKeySource           string
	BinaryMediaTypes       []string
	MinimumCompressionSize *int
	// Policy is the resource policy as compact JSON text; empty when absent.
	Policy                    string
	DisableExecuteAPIEndpoint *bool
	VPCEndpointIDs            []string
	// BasePath is the default of the first server's basePath variable, or
	// that server's path.
	BasePath string

	// Paths are ordered by path.
	Paths []Path
	// Models have schemas whose references still read #/components/schemas/.
	Models           map[string]*model.Model
	Validators       map[string]*model.RequestValidator // by name, without ids
	GatewayResponses map[string]*model.GatewayResponse  // by type

	// Warnings are oddities that don't stop an import (aws-facts B2).
	Warnings []string
}

// Path is one path of the document and its methods.
type Path struct {
	Path string
	// Methods are by HTTP method, ANY included. RequestValidatorID holds the
	// validator's name.
	Methods map[string]*model.Method
}

// ImportError lists what makes a document unusable; its text is AWS's.
type ImportError struct{ Problems []string }

func (e *ImportError) Error() string {
	return "Errors found during import:\n\t" + strings.Join(e.Problems, "\n\t")
}

// problems collects what is wrong with a document.
type problems struct {
	errors   []string
	warnings []string
}

func (p *problems) errorf(format string, args ...any) {
	p.errors = append(p.errors, fmt.Sprintf(format, args...))
}

func (p *problems) warnf(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}
