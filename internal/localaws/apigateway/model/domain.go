// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package model

// DomainName is a custom domain. Requests don't go through it here; it only
// holds the APIs and stages that its mappings lead to.
type DomainName struct {
	DomainName             string            `json:"domainName"`
	CertificateARN         string            `json:"certificateArn,omitempty"`
	RegionalCertificateARN string            `json:"regionalCertificateArn,omitempty"`
	RegionalDomainName     string            `json:"regionalDomainName,omitempty"`
	EndpointConfiguration  Endpoint          `json:"endpointConfiguration"`
	Status                 string            `json:"domainNameStatus"`
	SecurityPolicy         string            `json:"securityPolicy"`
	Tags                   map[string]string `json:"tags,omitempty"`
	// Mappings are by base path; the empty one is written NoBasePath.
	Mappings map[string]BasePathMapping `json:"-"`
}

// NoBasePath stands for the empty base path, in answers and in paths.
const NoBasePath = "(none)"

// BasePathMapping leads a path of a domain to a stage of an API; without a
// stage the path's first segment names it.
type BasePathMapping struct {
	BasePath string `json:"basePath"`
	APIID    string `json:"restApiId"`
	Stage    string `json:"stage,omitempty"`
}
