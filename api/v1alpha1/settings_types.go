// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Toggle turns a feature on or off.
// +kubebuilder:validation:Enum=Enabled;Disabled
type Toggle string

// The states of a Toggle.
const (
	Enabled  Toggle = "Enabled"
	Disabled Toggle = "Disabled"
)

// TableSpec holds the settings of the DynamoDB table.
type TableSpec struct {
	// How reads and writes are paid for.
	// +optional
	// +kubebuilder:default={}
	Billing BillingSpec `json:"billing,omitzero"`

	// Continuous backups, to restore the table to any second of the last 35
	// days. Costs by the table's size.
	// +optional
	// +kubebuilder:default=Enabled
	PointInTimeRecovery Toggle `json:"pointInTimeRecovery,omitempty"`

	// Makes AWS refuse to delete the table, whoever asks. The operator lifts
	// it only when this object is deleted with deletionPolicy.table: Delete.
	// +optional
	// +kubebuilder:default=Enabled
	DeletionProtection Toggle `json:"deletionProtection,omitempty"`

	// Storage class of the table.
	// +optional
	// +kubebuilder:default=Standard
	Class TableClass `json:"class,omitempty"`

	// ARN of a customer-managed KMS key that encrypts the table. Without it
	// DynamoDB uses a key of its own, at no cost.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$')",message="kmsKeyARN is the ARN of a key, like arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab (not an alias)"
	KMSKeyARN string `json:"kmsKeyARN,omitempty"`
}

// BillingMode is how a table's capacity is paid for.
// +kubebuilder:validation:Enum=OnDemand;Provisioned
type BillingMode string

// The billing modes.
const (
	OnDemand    BillingMode = "OnDemand"
	Provisioned BillingMode = "Provisioned"
)

// TableClass is DynamoDB's storage class.
// +kubebuilder:validation:Enum=Standard;StandardInfrequentAccess
type TableClass string

// The table classes.
const (
	TableClassStandard         TableClass = "Standard"
	TableClassInfrequentAccess TableClass = "StandardInfrequentAccess"
)

// BillingSpec says how the table's capacity is paid for.
//
// +kubebuilder:validation:XValidation:rule="(has(self.mode) && self.mode == 'Provisioned') == has(self.provisioned)",message="billing.provisioned is required with mode Provisioned and not allowed with mode OnDemand"
// +kubebuilder:validation:XValidation:rule="!has(self.mode) || self.mode == 'OnDemand' || !has(self.maxReadRequestUnits) && !has(self.maxWriteRequestUnits)",message="maxReadRequestUnits and maxWriteRequestUnits cap mode OnDemand; with mode Provisioned set billing.provisioned instead"
type BillingSpec struct {
	// OnDemand pays per request. Provisioned pays for capacity per hour.
	// +optional
	// +kubebuilder:default=OnDemand
	Mode BillingMode `json:"mode,omitempty"`

	// Cap on read request units per second, for the table and for its index;
	// beyond it requests are throttled. No cap when absent.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	MaxReadRequestUnits *int64 `json:"maxReadRequestUnits,omitempty"`

	// Cap on write request units per second, for the table and for its index.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	MaxWriteRequestUnits *int64 `json:"maxWriteRequestUnits,omitempty"`

	// Capacity with mode Provisioned.
	// +optional
	Provisioned *ProvisionedCapacity `json:"provisioned,omitempty"`
}

// ProvisionedCapacity is read and write capacity, in units per second.
type ProvisionedCapacity struct {
	// Read capacity units of the table.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	ReadUnits int64 `json:"readUnits"`
	// Write capacity units of the table. An index that is narrower than this
	// holds back the table's writes.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	WriteUnits int64 `json:"writeUnits"`
	// Read capacity units of the index that lists comments; default readUnits.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	IndexReadUnits *int64 `json:"indexReadUnits,omitempty"`
	// Write capacity units of the index; default writeUnits.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=40000
	IndexWriteUnits *int64 `json:"indexWriteUnits,omitempty"`
}

// APISpec holds the settings of the REST API and its stage.
type APISpec struct {
	// Limits on requests to the whole stage; beyond them clients get 429.
	// They protect the bill of a public endpoint.
	// +optional
	// +kubebuilder:default={}
	Throttling ThrottlingSpec `json:"throttling,omitzero"`

	// Detailed CloudWatch metrics per method. Costs per metric.
	// +optional
	// +kubebuilder:default=Disabled
	Metrics Toggle `json:"metrics,omitempty"`

	// X-Ray tracing of the stage.
	// +optional
	// +kubebuilder:default=Disabled
	Tracing Toggle `json:"tracing,omitempty"`
}

// ThrottlingSpec limits requests, as a token bucket.
type ThrottlingSpec struct {
	// Steady requests per second.
	// +optional
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	Rate int32 `json:"rate,omitempty"`
	// Requests that may come at once.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5000
	Burst int32 `json:"burst,omitempty"`
}

// CommentOrder is the order in which a page's comments are listed.
// +kubebuilder:validation:Enum=OldestFirst;NewestFirst;Unordered
type CommentOrder string

// The orders of comments.
const (
	OldestFirst CommentOrder = "OldestFirst"
	NewestFirst CommentOrder = "NewestFirst"
	Unordered   CommentOrder = "Unordered"
)

// CommentsSpec says what comments are and how they are listed.
type CommentsSpec struct {
	// Order of a page's comments. Unordered uses an index without a sort key,
	// whose order is not defined; it exists for tables made by hand.
	// +optional
	// +kubebuilder:default=OldestFirst
	Order CommentOrder `json:"order,omitempty"`

	// Most comments in one answer; clients follow nextCursor for more.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	PageSize int32 `json:"pageSize,omitempty"`
}
