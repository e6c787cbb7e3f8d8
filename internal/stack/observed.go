// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"time"
)

// Parts says which optional parts of the stack were read. A drift check that
// finds nothing reads some of them in turn only, to be calm with AWS's quotas;
// a part that was not read is not compared.
type Parts uint16

// The parts.
const (
	PartTableTags Parts = 1 << iota
	PartTableBackups
	PartTableTTL
	PartModels
	PartValidators
	PartGatewayResponses
	PartDeployments
	// PartDuplicateAPIs is the list of all REST APIs, in which further ones
	// with the object's claim show.
	PartDuplicateAPIs

	// AllParts is what a full check reads: all of the stack itself.
	AllParts = PartTableTags | PartTableBackups | PartTableTTL | PartModels | PartValidators | PartGatewayResponses
)

// Has reports whether all of the parts are among p.
func (p Parts) Has(parts Parts) bool { return p&parts == parts }

// Observed is the stack as AWS reports it, normalised to the types of the
// desired one. A nil resource does not exist.
type Observed struct {
	Table *ObservedTable
	Role  *ObservedRole
	// ModeratorRole is read where one is wanted, or was.
	ModeratorRole *ObservedRole
	API           *ObservedAPI
	// Parts were read; what is not among them holds zero values.
	Parts Parts
	// DuplicateAPIs are further REST APIs that carry this object's claim: a
	// creation whose answer was lost may have left one.
	DuplicateAPIs []DuplicateAPI
	// Key and UsagePlan are read where they are wanted, or were.
	Key       *ObservedKey
	UsagePlan *ObservedPlan
	// ExtraKeys and ExtraPlans are further ones that carry this object's claim.
	ExtraKeys  []ExtraKey
	ExtraPlans []ObservedPlan
}

// TableStatus is DynamoDB's name of a table's state (aws-facts H2).
type TableStatus string

// The table states the operator tells apart; every other one is a state that
// only AWS or a person can end.
const (
	TableActive   TableStatus = "ACTIVE"
	TableCreating TableStatus = "CREATING"
	TableUpdating TableStatus = "UPDATING"
	TableDeleting TableStatus = "DELETING"
)

// Serves reports whether the table answers reads and writes: an updating table
// does (aws-facts H7).
func (s TableStatus) Serves() bool { return s == TableActive || s == TableUpdating }

// IndexStatus is DynamoDB's name of an index's state.
type IndexStatus string

// The index states.
const (
	IndexActive   IndexStatus = "ACTIVE"
	IndexCreating IndexStatus = "CREATING"
	IndexUpdating IndexStatus = "UPDATING"
	IndexDeleting IndexStatus = "DELETING"
)

// ObservedTable is a table that exists.
type ObservedTable struct {
	Table
	ARN     string
	Status  TableStatus
	Created time.Time
	// IndexStatus by index name.
	IndexStatus map[string]IndexStatus
	// AttributeTypes are the key attributes' types ("S", "N", "B") by name;
	// AWS wants all of them again when an index is made (aws-facts H3).
	AttributeTypes map[string]string
}

// Index returns the index of that name.
func (t *ObservedTable) Index(name string) (Index, IndexStatus, bool) {
	for _, index := range t.Indexes {
		if index.Name == name {
			return index, t.IndexStatus[name], true
		}
	}
	return Index{}, "", false
}

// ObservedRole is a role that exists.
type ObservedRole struct {
	Role
	ARN string
}

// ObservedAPI is a REST API that exists.
type ObservedAPI struct {
	API
	ID string
	// Created tells the oldest of duplicates.
	Created time.Time
	// Stages by name.
	Stages map[string]ObservedStage
	// Deployments are known only with PartDeployments.
	Deployments []Deployment
	// ResourceIDs by path: calls that concern one method want them.
	ResourceIDs map[string]string
	// ValidatorNames by id: methods name their validator by it.
	ValidatorNames map[string]string
}

// CacheStatus is API Gateway's name of the state of a stage's cache (aws-facts
// D4).
type CacheStatus string

// The states of a cache during which its size can't be changed.
const (
	CacheCreating CacheStatus = "CREATE_IN_PROGRESS"
	CacheDeleting CacheStatus = "DELETE_IN_PROGRESS"
)

// Busy reports whether AWS is making or removing the cache.
func (s CacheStatus) Busy() bool { return s == CacheCreating || s == CacheDeleting }

// ObservedStage is a stage that exists.
type ObservedStage struct {
	Stage
	DeploymentID string
	// Created and Updated are AWS's times: they tell how long readers may
	// still be served from what came before.
	Created, Updated time.Time
	// CacheStatus is the state of the stage's cache.
	CacheStatus CacheStatus
	// Canary is whether part of the traffic goes to another deployment.
	Canary bool
}

// Deployment is an immutable snapshot of a definition.
type Deployment struct {
	ID          string
	Description string
	Created     time.Time
}

// DuplicateAPI is a further REST API with this object's claim.
type DuplicateAPI struct {
	ID      string
	Created time.Time
	// Stages is the number of stages it has; one with a stage may serve
	// somebody and is reported instead of deleted.
	Stages int
}
