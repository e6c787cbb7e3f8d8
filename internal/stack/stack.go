// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stack is the vocabulary of the operator: what one CommentsAPI owns
// in AWS, as plain data. The same types describe the stack as it should be
// (desired) and as AWS reports it (observed), so the two can be compared field
// by field. A field of these types is an owned field: the operator manages it
// and nothing else.
//
// The package is pure: it imports no AWS SDK client and no Kubernetes client.
package stack

// Stack is what one CommentsAPI owns in AWS.
type Stack struct {
	Table Table
	Role  Role
	// ModeratorRole is what API Gateway assumes for moderators' calls and
	// deletions; nil where nothing needs it.
	ModeratorRole *Role
	API           API
	Stage         Stage
	// Key and UsagePlan are nil where no call needs an API key.
	Key       *APIKey    `json:",omitempty"`
	UsagePlan *UsagePlan `json:",omitempty"`
}

// Desired is the stack that spec and facts ask for, together with the document
// that carries the API's definition to API Gateway.
type Desired struct {
	Stack
	// Document is the OpenAPI 3 document for PutRestApi; nil where only its hash
	// was asked for.
	Document []byte
	// DefinitionSHA256 is the hash of Document in lower-case hexadecimal; the
	// deployment made of it is found again by it.
	DefinitionSHA256 string
}

// Facts are what rendering needs and the spec does not hold.
type Facts struct {
	// AccountID is the 12-digit account the stack lives in.
	AccountID string
	// Partition is aws, aws-cn, aws-us-gov, ...
	Partition string
	// DNSSuffix is the partition's, for example amazonaws.com (aws-facts I).
	DNSSuffix string
	// IndexName is the index that lists comments: an existing one of the
	// right shape, or the name a new one takes.
	IndexName string
	// IndexShape is the shape of that index: an existing one may project more
	// than is needed, or less than a new one would. Without a hash key it is
	// the shape of a new one.
	IndexShape IndexShape
	// PendingIndexName and PendingIndexShape are the same of the index that
	// lists what waits for a moderator. Without a name it is that of a new one.
	PendingIndexName  string
	PendingIndexShape IndexShape
	// RetiringIndexes are this operator's older indexes that readers or
	// moderators may still be served from; the roles keep their rights on them.
	RetiringIndexes []string
	// RolePath is the IAM path of the role; an existing role keeps its own,
	// since paths can't change (aws-facts G1).
	RolePath string
	// ModeratorRolePath is the same of the moderator's role; empty is RolePath.
	ModeratorRolePath string
	// PermissionsBoundary is the ARN of the policy new roles are bounded by;
	// empty is none.
	PermissionsBoundary string
	// TableAdopted is whether somebody else made the table.
	TableAdopted bool
	// Claim ties the resources to the object.
	Claim Claim
}
