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
//
// +kubebuilder:validation:XValidation:rule="!has(self.caching) || !has(self.authorization) || !has(self.authorization.list) || self.authorization.list != 'IAM'",message="caching keeps answers that everybody may read; with authorization.list IAM leave caching out: one caller's answers are not kept for another"
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

	// A line per request, without what people wrote. Costs by the line.
	// +optional
	AccessLogs *AccessLogsSpec `json:"accessLogs,omitempty"`

	// Which websites' scripts may call the API.
	// +optional
	CORS *CORSSpec `json:"cors,omitempty"`

	// Who may make which call.
	// +optional
	// +kubebuilder:default={}
	Authorization AuthorizationSpec `json:"authorization,omitzero"`

	// Calls that need an API key, in the header x-api-key, and how many of
	// them the key is good for. API Gateway makes the key; its id is in
	// status.apiKey. A key counts and limits; it proves nothing about who
	// calls, and whatever a browser sends is no secret.
	// +optional
	APIKey *APIKeySpec `json:"apiKey,omitempty"`

	// Networks that may call the API, in CIDR notation, for example
	// 192.0.2.0/24 or 2001:db8::/32; everybody else is refused, whatever they
	// sign. Everybody may call when it is absent. The address that counts is
	// the one that reaches API Gateway: behind a proxy or a CDN that is the
	// proxy's. See docs/security.md before you set it.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	AllowedNetworks []CIDR `json:"allowedNetworks,omitempty"`

	// Keeps lists and counts in a cache of API Gateway's, billed by the hour
	// from the moment it is there. New comments appear, and deleted ones
	// disappear, up to ttlSeconds late. No cache when absent.
	// +optional
	Caching *CachingSpec `json:"caching,omitempty"`
}

// AccessLogsSpec says where a line per request goes.
type AccessLogsSpec struct {
	// ARN of a CloudWatch Logs log group, without ":*" at the end, or of a
	// Firehose stream whose name begins with amazon-apigateway-; in the API's
	// region, made by you. API Gateway needs a role for CloudWatch Logs in the
	// account's settings for the region; the operator reports when it is
	// missing and leaves it to you, since all APIs there share it.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^arn:aws[a-z-]*:(logs:[a-z0-9-]+:[0-9]{12}:log-group:[A-Za-z0-9_./#-]+|firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/amazon-apigateway-[A-Za-z0-9_.-]+)$')",message="destinationARN is the ARN of a log group without \":*\", like arn:aws:logs:eu-west-1:123456789012:log-group:comments, or of a Firehose stream named amazon-apigateway-..."
	DestinationARN string `json:"destinationARN"`
}

// CORSSpec says which websites' scripts may call the API from a browser. It
// protects the visitors of other websites; it doesn't keep anybody else out.
type CORSSpec struct {
	// Origins like https://www.example.com, or "*" alone for all of them. With
	// more than one, answers name the one that asked; refusals by API Gateway
	// itself, which can't, are readable from every origin.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.size() == 1 || !self.exists(o, o == '*')",message="\"*\" allows every origin; remove the others, or it"
	AllowedOrigins []Origin `json:"allowedOrigins"`
}

// Origin is a scheme, a host and, unless it is the scheme's own, a port, as
// browsers send it: lower case, no path. "*" is every origin.
// +kubebuilder:validation:MaxLength=267
// +kubebuilder:validation:XValidation:rule="self == '*' || self.matches('^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$')",message="an origin looks like https://www.example.com: a scheme and a host in lower case, a port if it isn't the usual one, no path and no slash at the end; or \"*\""
type Origin string

// CIDR is a network, IPv4 or IPv6, as its first address and the length of its
// prefix.
// +kubebuilder:validation:MaxLength=43
// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="a network is written like 192.0.2.0/24 or 2001:db8::/32; a single address has /32 or /128 at its end"
// +kubebuilder:validation:XValidation:rule="!isCIDR(self) || string(cidr(self).masked()) == self",message="a network is written as its first address in the shortest form, in lower case: 192.0.2.0/24, not 192.0.2.7/24; 2001:db8::/32, not 2001:0DB8:0::/32"
type CIDR string

// AuthorizationSpec says who may make which call.
type AuthorizationSpec struct {
	// Who may post comments.
	// +optional
	// +kubebuilder:default=None
	Post Authorization `json:"post,omitempty"`
	// Who may list and count comments.
	// +optional
	// +kubebuilder:default=None
	List Authorization `json:"list,omitempty"`
}

// Authorization is None for everybody, or IAM for callers that sign requests
// (Signature Version 4) and whose IAM policies allow execute-api:Invoke.
// +kubebuilder:validation:Enum=None;IAM
type Authorization string

// The authorizations.
const (
	AuthorizationNone Authorization = "None"
	AuthorizationIAM  Authorization = "IAM"
)

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
//
// +kubebuilder:validation:XValidation:rule="!has(self.order) || self.order != 'Unordered' || !has(self.showCreatedAt) || self.showCreatedAt != 'Enabled'",message="showCreatedAt needs an ordered list: an Unordered index doesn't hold createdAt; use order OldestFirst or NewestFirst"
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

	// Longest texts that are taken, in characters. Comments that are stored
	// already stay as they are.
	// +optional
	// +kubebuilder:default={}
	Limits LimitsSpec `json:"limits,omitzero"`

	// Shows each comment's createdAt, in milliseconds since 1970.
	// +optional
	// +kubebuilder:default=Disabled
	ShowCreatedAt Toggle `json:"showCreatedAt,omitempty"`

	// Takes and lists a parentId, the commentId that a comment replies to. It
	// is not looked up; clients build the tree and drop what has no parent.
	// +optional
	// +kubebuilder:default=Disabled
	Replies Toggle `json:"replies,omitempty"`

	// Offers GET /comments/{pageId}/count. Each count reads up to 1 MB of the
	// index and is paid for like a list of that size.
	// +optional
	// +kubebuilder:default=Disabled
	Count Toggle `json:"count,omitempty"`

	// Whether somebody looks at comments before they are listed. With
	// BeforeListing a new comment waits, unlisted, until a moderator approves it,
	// through calls that must be signed (IAM); comments that were listed before
	// stay. With None, what still waits stays stored and unlisted, and waits
	// again once moderation is back.
	// +optional
	// +kubebuilder:default=None
	Moderation Moderation `json:"moderation,omitempty"`

	// Offers DELETE /comments/{pageId}/{commentId}, which must be signed (IAM).
	// +optional
	// +kubebuilder:default=Disabled
	Deletion Toggle `json:"deletion,omitempty"`

	// Name of a field that people never see and programs fill in; a comment
	// with any text in it is refused. None when absent.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9_]*$')",message="a field's name has only letters, digits and '_', and begins with a letter"
	// +kubebuilder:validation:XValidation:rule="!(self in ['pageId', 'userName', 'message', 'parentId', 'commentId', 'createdAt', 'pendingPageId', 'moderation'])",message="this field has a meaning already; use another name, one that programs like to fill in, such as website"
	HoneypotField string `json:"honeypotField,omitempty"`

	// What is stored about who posted a comment. It is personal data, and
	// never listed.
	// +optional
	// +kubebuilder:default={}
	ClientInfo ClientInfoSpec `json:"clientInfo,omitzero"`

	// Days after which a comment is deleted for good, all of it, whether it is
	// listed or waits. It is decided when the comment is posted: a change
	// concerns later comments only. DynamoDB deletes within a few days of the
	// time, and goes on when this object is gone and the table retained.
	// Comments stay for ever when absent; then DynamoDB's expiry is off.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3650
	RetentionDays *int32 `json:"retentionDays,omitempty"`
}

// Moderation says whether somebody looks at comments, and when.
// +kubebuilder:validation:Enum=None;BeforeListing
type Moderation string

// The kinds of moderation.
const (
	ModerationNone          Moderation = "None"
	ModerationBeforeListing Moderation = "BeforeListing"
)

// LimitsSpec holds the longest texts, in Unicode characters. API Gateway counts
// characters and DynamoDB bytes, of which a character takes up to four; an item
// holds 400 KB in all, so the most that can be set always fits.
type LimitsSpec struct {
	// Longest message.
	// +optional
	// +kubebuilder:default=10000
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=90000
	Message int32 `json:"message,omitempty"`
	// Longest user name.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	UserName int32 `json:"userName,omitempty"`
	// Longest page id that comments can be posted to.
	// +optional
	// +kubebuilder:default=512
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=512
	PageID int32 `json:"pageId,omitempty"`
}

// ClientInfoSpec says what is stored about who posted a comment.
type ClientInfoSpec struct {
	// Stores the address a comment came from, as sourceIP.
	// +optional
	// +kubebuilder:default=Disabled
	SourceIP Toggle `json:"sourceIP,omitempty"`
	// Stores what the browser calls itself, as userAgent.
	// +optional
	// +kubebuilder:default=Disabled
	UserAgent Toggle `json:"userAgent,omitempty"`
}
