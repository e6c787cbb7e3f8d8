// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CommentsAPI is a public comments section as one object: a DynamoDB table, an
// IAM role and an API Gateway REST API that proxies straight to DynamoDB.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=commentsapis,singular=commentsapi,categories=aws
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.status.invokeURL`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Synced",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="API",type=string,priority=1,JSONPath=`.status.restAPI.id`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type CommentsAPI struct {
	metav1.TypeMeta `json:",inline"`

	// Standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What the stack should be.
	// +required
	Spec CommentsAPISpec `json:"spec"`

	// What the operator found and did. Never read as evidence of ownership. Its
	// observedGeneration is -1 until the operator has looked, so that tools which
	// wait for the object do not take a new one for a finished one.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status CommentsAPIStatus `json:"status,omitempty"`
}

// CommentsAPIList is a list of CommentsAPI objects.
//
// +kubebuilder:object:root=true
type CommentsAPIList struct {
	metav1.TypeMeta `json:",inline"`
	// Standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// The objects.
	Items []CommentsAPI `json:"items"`
}

// CommentsAPISpec is the stack as its owner wants it. Only tableName, region
// and stage are required; everything else has a default that is right for a
// small website.
//
// +kubebuilder:validation:XValidation:rule="!has(self.adopt) || !has(self.adopt.tableName) || self.adopt.tableName == self.tableName",message="adopt.tableName must be the same as tableName: it repeats the name of the table that is to be taken over"
// +kubebuilder:validation:XValidation:rule="!has(self.adopt) || !has(self.adopt.restAPIID) || (has(oldSelf.adopt) && has(oldSelf.adopt.restAPIID) && self.adopt.restAPIID == oldSelf.adopt.restAPIID)",message="adopt.restAPIID can be set only when the object is created, and removed later: an object doesn't change its REST API, whose URL clients use"
// +kubebuilder:validation:XValidation:rule="!has(self.table) || !has(self.table.kmsKeyARN) || self.table.kmsKeyARN.split(':').size() < 4 || self.table.kmsKeyARN.split(':')[3] == self.region",message="table.kmsKeyARN names a key in another region; DynamoDB takes only keys of the table's own region"
// +kubebuilder:validation:XValidation:rule="!has(self.api) || !has(self.api.accessLogs) || self.api.accessLogs.destinationARN.split(':').size() < 4 || self.api.accessLogs.destinationARN.split(':')[3] == self.region",message="api.accessLogs.destinationARN names a destination in another region; API Gateway writes only to its own region"
type CommentsAPISpec struct {
	// Name of the DynamoDB table that holds the comments. It is created if it
	// doesn't exist; a table that exists and isn't this object's is left
	// untouched and reported as Conflict, unless adopt names it. Immutable: another table would be
	// another set of comments.
	//
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_.-]*$')",message="a DynamoDB table name has only the characters a-z, A-Z, 0-9, '_', '-' and '.'"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="tableName is immutable: the comments live in this table; for another table create another CommentsAPI"
	TableName string `json:"tableName"`

	// AWS region of the table and the API, for example eu-west-1. Immutable.
	//
	// +required
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$')",message="an AWS region looks like eu-west-1 or us-gov-east-1: lower case, and without the letter of an availability zone"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="region is immutable: tables and APIs don't move between regions; for another region create another CommentsAPI"
	Region string `json:"region"`

	// Name of the API Gateway stage; it is the first path segment of the
	// invoke URL. When it changes, the new stage serves before the old one
	// goes, and the old one stays for at least 10 minutes.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_-]*$')",message="an API Gateway stage name has only the characters a-z, A-Z, 0-9, '_' and '-'"
	Stage string `json:"stage"`

	// The table's settings.
	// +optional
	// +kubebuilder:default={}
	Table TableSpec `json:"table,omitzero"`

	// The REST API's settings.
	// +optional
	// +kubebuilder:default={}
	API APISpec `json:"api,omitzero"`

	// What comments are and how they are listed.
	// +optional
	// +kubebuilder:default={}
	Comments CommentsSpec `json:"comments,omitzero"`

	// Tags put on the table, the role, the API, the stage, the API key and its
	// usage plan, in addition to the operator's own. Tags that others put there are left alone.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=40
	Tags []Tag `json:"tags,omitempty"`

	// What becomes of the resources when this object is deleted.
	// +optional
	// +kubebuilder:default={}
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitzero"`

	// Enforce creates and corrects. Observe only looks: the changes that
	// would be made are in status.plan, and nothing is written to AWS.
	// +optional
	// +kubebuilder:default=Enforce
	Mode Mode `json:"mode,omitempty"`

	// How often AWS is compared with this object when nothing else happens.
	// From 1 minute to 24 hours.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s)){1,3}$') && duration(self) >= duration('1m') && duration(self) <= duration('24h')",message="driftCheckInterval is a duration from 1m to 24h, for example 10m"
	DriftCheckInterval string `json:"driftCheckInterval,omitempty"`

	// What exists in AWS already and becomes this object's. A cluster admin
	// has to allow it on the Namespace; see docs/adoption.md.
	// +optional
	Adopt *AdoptSpec `json:"adopt,omitempty"`
}

// AdoptSpec names what exists in AWS already and becomes this object's.
// Nothing in it has an effect once the resource carries this object's claim.
type AdoptSpec struct {
	// The table named by tableName, repeated here on purpose. Its items stay
	// as they are; its settings become those of this object.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	TableName string `json:"tableName,omitempty"`

	// Identifier of a REST API, such as a1b2c3d4e5. It keeps its id, and with
	// it its URL; its definition and the stage named by stage become those of
	// this object. Its other stages are left alone.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]{1,32}$')",message="a REST API's id has only lower-case letters and digits, like a1b2c3d4e5"
	RestAPIID string `json:"restAPIID,omitempty"`
}

// Mode says whether the operator may write to AWS.
// +kubebuilder:validation:Enum=Enforce;Observe
type Mode string

// The modes.
const (
	ModeEnforce Mode = "Enforce"
	ModeObserve Mode = "Observe"
)

// Tag is a key and a value on an AWS resource.
type Tag struct {
	// Key, unique in the list; the prefixes aws: and commentsapi.io/ are
	// reserved.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9 .:+=@_/-]+$')",message="a tag key has only letters, digits, spaces and . : + = @ _ / -"
	// +kubebuilder:validation:XValidation:rule="!self.lowerAscii().startsWith('aws:') && !self.lowerAscii().startsWith('commentsapi.io/')",message="the tag prefixes aws: and commentsapi.io/ are reserved"
	Key string `json:"key"`
	// Value; may be empty.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9 .:+=@_/-]*$')",message="a tag value has only letters, digits, spaces and . : + = @ _ / -"
	Value string `json:"value,omitempty"`
}

// DeletionPolicy says what outlives the object. The role and the API always
// go with it.
type DeletionPolicy struct {
	// Retain leaves the table, its comments and its claim; the same object
	// made again picks it up. Delete removes it for good.
	// +optional
	// +kubebuilder:default=Retain
	Table TableDeletionPolicy `json:"table,omitempty"`
}

// TableDeletionPolicy says what becomes of the table.
// +kubebuilder:validation:Enum=Retain;Delete
type TableDeletionPolicy string

// The deletion policies.
const (
	TableRetain TableDeletionPolicy = "Retain"
	TableDelete TableDeletionPolicy = "Delete"
)
