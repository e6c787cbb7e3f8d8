// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types.
const (
	// ConditionReady is true while clients are served.
	ConditionReady = "Ready"
	// ConditionSynced is true while AWS matches the spec.
	ConditionSynced = "Synced"
	// ConditionTableReady is true while the table and its index are usable.
	ConditionTableReady = "TableReady"
	// ConditionRoleReady is true while the role is as declared.
	ConditionRoleReady = "RoleReady"
	// ConditionAPIReady is true while the stage serves the definition.
	ConditionAPIReady = "APIReady"
	// ConditionReconciling exists, and is true, while work is under way.
	ConditionReconciling = "Reconciling"
	// ConditionStalled exists, and is true, while a person is needed.
	ConditionStalled = "Stalled"
)

// Reasons of conditions. docs/troubleshooting.md has an entry for each.
const (
	// ReasonAvailable: everything is as declared and serves.
	ReasonAvailable = "Available"
	// ReasonRollingOut: a change of the spec is on its way.
	ReasonRollingOut = "RollingOut"
	// ReasonDrifted: something was changed in AWS and is being corrected.
	ReasonDrifted = "Drifted"
	// ReasonUpgrade: a new version of the operator makes another definition of
	// the same spec, which is on its way; clients are served meanwhile.
	ReasonUpgrade = "Upgrade"
	// ReasonWaiting: AWS is carrying out a change that takes its time.
	ReasonWaiting = "Waiting"
	// ReasonWaitingForQuota: AWS's request quota asks for patience.
	ReasonWaitingForQuota = "WaitingForQuota"
	// ReasonThrottled: AWS refused a call because of too many requests.
	ReasonThrottled = "Throttled"
	// ReasonAWSError: AWS failed in a way that passes; tried again.
	ReasonAWSError = "AWSError"
	// ReasonCredentialsInvalid: AWS does not accept the credentials.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonEndpointUnreachable: the AWS endpoint does not answer.
	ReasonEndpointUnreachable = "EndpointUnreachable"
	// ReasonUnknownRegion: no such region, or not enabled for the account.
	ReasonUnknownRegion = "UnknownRegion"
	// ReasonAccessDenied: the operator's credentials lack a permission.
	ReasonAccessDenied = "AccessDenied"
	// ReasonConflict: a resource exists and is not this object's.
	ReasonConflict = "Conflict"
	// ReasonAdoptionDenied: spec.adopt names a resource that the Namespace does
	// not allow, or that another object lives on.
	ReasonAdoptionDenied = "AdoptionDenied"
	// ReasonAdoptionUnsafe: what spec.adopt names can't be taken over without
	// losing something.
	ReasonAdoptionUnsafe = "AdoptionUnsafe"
	// ReasonNothingToAdopt: what spec.adopt names does not exist.
	ReasonNothingToAdopt = "NothingToAdopt"
	// ReasonNamespaceRoleRequired: the operator asks for a role on every
	// Namespace and the object's has none.
	ReasonNamespaceRoleRequired = "NamespaceRoleRequired"
	// ReasonNamespaceRoleInvalid: the role or the external id on the object's
	// Namespace has not the form of one.
	ReasonNamespaceRoleInvalid = "NamespaceRoleInvalid"
	// ReasonTableNameNotAllowed: names of tables begin otherwise here.
	ReasonTableNameNotAllowed = "TableNameNotAllowed"
	// ReasonClaimLost: a resource this object made no longer carries its claim.
	ReasonClaimLost = "ClaimLost"
	// ReasonAccountChanged: the credentials lead to another account.
	ReasonAccountChanged = "AccountChanged"
	// ReasonTableMissing: the table is gone and may be restored from backup.
	ReasonTableMissing = "TableMissing"
	// ReasonTableUnusable: the table is in a state only a person can end.
	ReasonTableUnusable = "TableUnusable"
	// ReasonLimitExceeded: an AWS service quota is used up.
	ReasonLimitExceeded = "LimitExceeded"
	// ReasonInvalidRequest: AWS refuses the request as invalid.
	ReasonInvalidRequest = "InvalidRequest"
	// ReasonProbeFailed: the API is not yet able to reach the table.
	ReasonProbeFailed = "ProbeFailed"
	// ReasonObserveOnly: mode Observe; nothing is written.
	ReasonObserveOnly = "ObserveOnly"
	// ReasonPendingChanges: mode Observe found changes it would make.
	ReasonPendingChanges = "PendingChanges"
	// ReasonPaused: the object carries the annotation commentsapi.io/paused.
	ReasonPaused = "Paused"
	// ReasonDeleting: the object is being deleted.
	ReasonDeleting = "Deleting"
	// ReasonMissing: the resource does not exist yet.
	ReasonMissing = "Missing"
)

// Finalizer keeps the object until its stack is gone from AWS.
const Finalizer = "commentsapi.io/stack"

// Annotations on the object.
const (
	// AnnotationReconcileAt forces a full check whenever its value changes.
	AnnotationReconcileAt = "commentsapi.io/reconcile-at"
	// AnnotationPaused stops everything but deletion while it is present.
	AnnotationPaused = "commentsapi.io/paused"
	// AnnotationRecreateTable set to "true" allows an empty table in place of
	// one that is missing.
	AnnotationRecreateTable = "commentsapi.io/recreate-table"
)

// Annotations on a Namespace, for cluster admins: whoever may change a
// Namespace decides for everybody in it.
const (
	// AnnotationAllowAdopt lists, separated by commas or spaces, the ARNs of
	// tables and REST APIs that objects of the namespace may adopt.
	AnnotationAllowAdopt = "commentsapi.io/allow-adopt"
	// AnnotationRoleARN is the IAM role that the operator assumes for objects
	// of the namespace.
	AnnotationRoleARN = "commentsapi.io/role-arn"
	// AnnotationExternalID is sent when that role is assumed.
	AnnotationExternalID = "commentsapi.io/external-id"
)
