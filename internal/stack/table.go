// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

// BillingMode is DynamoDB's name of a billing mode.
type BillingMode string

// The billing modes.
const (
	PayPerRequest BillingMode = "PAY_PER_REQUEST"
	Provisioned   BillingMode = "PROVISIONED"
)

// TableClass is DynamoDB's name of a table class.
type TableClass string

// The table classes. An absent class is Standard (aws-facts H5).
const (
	ClassStandard         TableClass = "STANDARD"
	ClassInfrequentAccess TableClass = "STANDARD_INFREQUENT_ACCESS"
)

// Capacity is throughput of a table or an index.
type Capacity struct {
	// ReadUnits and WriteUnits per second with provisioned billing; zero
	// with on-demand billing, where AWS's figures are ignored (aws-facts H4).
	ReadUnits, WriteUnits int64
	// MaxReadUnits and MaxWriteUnits cap on-demand billing; zero is no cap.
	MaxReadUnits, MaxWriteUnits int64
}

// Table is a DynamoDB table.
type Table struct {
	Name string
	// PartitionKey is the name of the table's only key attribute, a string.
	// It can't change; another one is another table.
	PartitionKey string
	Billing      BillingMode
	Capacity     Capacity
	// Indexes are the global secondary indexes; of an observed table all of
	// them, of a desired table the one that lists comments.
	Indexes             []Index
	DeletionProtection  bool
	PointInTimeRecovery bool
	// TTLAttribute is the attribute items expire by; empty is no expiry.
	TTLAttribute string
	// KMSKeyARN is the customer-managed key; empty is DynamoDB's own key.
	KMSKeyARN string
	Class     TableClass
	Tags      map[string]string
}

// Index is a global secondary index. Keys and projection can't change
// (aws-facts H3): another shape is another index.
type Index struct {
	Name  string
	Shape IndexShape
	// Capacity of the index.
	Capacity Capacity
}

// IndexShape identifies an index: what it is, whatever its name.
type IndexShape struct {
	// HashKey is a string attribute.
	HashKey string
	// RangeKey is a number attribute, or empty.
	RangeKey string
	// ProjectAll projects every attribute.
	ProjectAll bool
	// Projected are the non-key attributes in the index, sorted.
	Projected []string
}
