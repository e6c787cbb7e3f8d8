// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CommentsAPIStatus is what the operator found and did. Nothing in it moves
// by itself, so a settled object has a settled status.
type CommentsAPIStatus struct {
	// The generation of the spec that this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// AWS account that holds the stack, recorded before the first write.
	// Credentials that lead to another account write nothing.
	// +optional
	AccountID string `json:"accountID,omitempty"`

	// Where clients send requests, including the stage.
	// +optional
	InvokeURL string `json:"invokeURL,omitempty"`

	// The calls, ready to use.
	// +optional
	Endpoints *Endpoints `json:"endpoints,omitempty"`

	// The DynamoDB table.
	// +optional
	Table *TableStatus `json:"table,omitempty"`

	// The IAM role API Gateway assumes.
	// +optional
	Role *RoleStatus `json:"role,omitempty"`

	// The IAM role API Gateway assumes for moderators' calls and deletions.
	// +optional
	ModeratorRole *RoleStatus `json:"moderatorRole,omitempty"`

	// The REST API.
	// +optional
	RestAPI *RestAPIStatus `json:"restAPI,omitempty"`

	// The stage clients use.
	// +optional
	Stage *StageStatus `json:"stage,omitempty"`

	// The API key that calls need, where spec.api.apiKey asks for one.
	// +optional
	APIKey *APIKeyStatus `json:"apiKey,omitempty"`

	// The usage plan that admits the key to the stage and holds its quota.
	// +optional
	UsagePlan *UsagePlanStatus `json:"usagePlan,omitempty"`

	// A creation that was started and is not yet confirmed; it keeps a second
	// REST API from being made when the answer to the first call was lost.
	// +optional
	Intent *Intent `json:"intent,omitempty"`

	// The changes still to be made, at most 20; a report that is never read
	// back.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Plan []PlannedChange `json:"plan,omitempty"`

	// The value of the annotation commentsapi.io/reconcile-at that was last
	// acted upon.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// The state in standard conditions: Ready (it serves), Synced (it matches
	// the spec), TableReady, RoleReady, APIReady; Reconciling and Stalled
	// exist only while true.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Endpoints are the calls of the API.
type Endpoints struct {
	// URL to POST a comment to.
	// +required
	Post string `json:"post"`
	// URL to GET a page's comments from; {pageId} stands for the page.
	// +required
	List string `json:"list"`
	// URL of the moderators' calls, below which /pending is.
	// +optional
	Moderation string `json:"moderation,omitempty"`
}

// TableStatus is the table as found.
type TableStatus struct {
	// ARN of the table.
	// +required
	ARN string `json:"arn"`
	// Name of the index that lists comments.
	// +optional
	IndexName string `json:"indexName,omitempty"`
	// Whether point-in-time recovery was on when the table was last read: a
	// table that is gone then has a backup in AWS.
	// +optional
	PointInTimeRecovery Toggle `json:"pointInTimeRecovery,omitempty"`
}

// RoleStatus is the role as found.
type RoleStatus struct {
	// ARN of the role.
	// +required
	ARN string `json:"arn"`
}

// RestAPIStatus is the REST API as found.
type RestAPIStatus struct {
	// Identifier of the API.
	// +required
	ID string `json:"id"`
	// Deployment that clients are served from.
	// +optional
	DeploymentID string `json:"deploymentID,omitempty"`
	// SHA-256 of the definition that deployment was made of.
	// +optional
	DefinitionSHA256 string `json:"definitionSHA256,omitempty"`
}

// StageStatus is the stage as found.
type StageStatus struct {
	// Name of the stage.
	// +required
	Name string `json:"name"`
	// The generation of the spec that the stage's definition was made from;
	// absent while that isn't certain.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// SHA-256 of the definition that the stage served then. When the same spec
	// asks for another one, an upgrade of the operator is the reason.
	// +optional
	DefinitionSHA256 string `json:"definitionSHA256,omitempty"`
}

// APIKeyStatus is the API key as found. Its value is never read; whoever may
// sees it with: aws apigateway get-api-key --include-value --api-key ID.
type APIKeyStatus struct {
	// Identifier of the key; it is not the key's value.
	// +optional
	ID string `json:"id,omitempty"`
	// A creation that was started and is not yet confirmed.
	// +optional
	Intent *Intent `json:"intent,omitempty"`
}

// UsagePlanStatus is the usage plan as found.
type UsagePlanStatus struct {
	// Identifier of the usage plan.
	// +optional
	ID string `json:"id,omitempty"`
	// A creation that was started and is not yet confirmed.
	// +optional
	Intent *Intent `json:"intent,omitempty"`
}

// Intent is a creation that was started and is not yet confirmed.
type Intent struct {
	// Tag value that what is to be made carries.
	// +required
	Nonce string `json:"nonce"`
	// When the creation was started.
	// +required
	Time metav1.Time `json:"time"`
}

// PlannedChange is one change that the operator makes, or in mode Observe
// would make.
type PlannedChange struct {
	// Resource that changes: Table, Role, ModeratorRole, RestAPI, Deployment,
	// Stage, APIKey or UsagePlan.
	// +required
	Resource string `json:"resource"`
	// Action: Create, Update, Delete or Wait.
	// +required
	Action string `json:"action"`
	// Field that differs; absent when the whole resource is concerned.
	// +optional
	Field string `json:"field,omitempty"`
	// Value found, cut at 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	From string `json:"from,omitempty"`
	// Value wanted, cut at 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	To string `json:"to,omitempty"`
}
