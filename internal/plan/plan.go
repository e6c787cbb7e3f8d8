// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan compares the stack as it should be with the stack as AWS
// reports it and says, as data, what has to happen and in which order. The
// same Plan is applied by the operator, shown in status, printed by the plan
// command and counted by metrics.
//
// The package is pure: same input, same plan, and no clock of its own.
package plan

import (
	"time"

	"github.com/commentsapi/operator/internal/stack"
)

// Resource names what a change concerns.
type Resource string

// The resources of a stack.
const (
	Table         Resource = "Table"
	Role          Resource = "Role"
	ModeratorRole Resource = "ModeratorRole"
	RestAPI       Resource = "RestAPI"
	Deployment    Resource = "Deployment"
	Stage         Resource = "Stage"
	APIKey        Resource = "APIKey"
	UsagePlan     Resource = "UsagePlan"
)

// Action says what happens to a resource or a field.
type Action string

// The actions.
const (
	Create Action = "Create"
	Update Action = "Update"
	Delete Action = "Delete"
	Wait   Action = "Wait"
)

// Change is one difference, for people: a field, what AWS has, what is wanted.
type Change struct {
	Resource Resource `json:"resource"`
	Action   Action   `json:"action"`
	// Field is a path like "indexes.pageId-index"; empty when the whole
	// resource is concerned.
	Field string `json:"field,omitempty"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Op is one kind of step: one call to AWS, or a short sequence that belongs
// together.
type Op string

// The operations, in the order in which a plan may hold them.
const (
	CreateTable      Op = "CreateTable"
	TagTable         Op = "TagTable"
	UpdateBackups    Op = "UpdateBackups"
	UpdateTTL        Op = "UpdateTTL"
	UpdateProtection Op = "UpdateProtection"
	UpdateBilling    Op = "UpdateBilling"
	UpdateClass      Op = "UpdateClass"
	UpdateEncryption Op = "UpdateEncryption"
	CreateIndex      Op = "CreateIndex"

	CreateRole            Op = "CreateRole"
	TagRole               Op = "TagRole"
	UpdateRoleDescription Op = "UpdateRoleDescription"
	UpdateTrust           Op = "UpdateTrust"
	UpdateBoundary        Op = "UpdateBoundary"
	PutRolePolicy         Op = "PutRolePolicy"
	DeleteRolePolicy      Op = "DeleteRolePolicy"
	DetachRolePolicy      Op = "DetachRolePolicy"
	// DeleteRole removes a moderator's role that nothing uses any more; it
	// comes before the indexes that it could read.
	DeleteRole Op = "DeleteRole"

	CreateAPI          Op = "CreateAPI"
	DeleteDuplicateAPI Op = "DeleteDuplicateAPI"
	TagAPI             Op = "TagAPI"
	UpdateAPI          Op = "UpdateAPI"
	UpdateStage        Op = "UpdateStage"
	TagStage           Op = "TagStage"

	CreateAPIKey Op = "CreateAPIKey"
	TagAPIKey    Op = "TagAPIKey"
	UpdateAPIKey Op = "UpdateAPIKey"
	// The usage plan and the key in it come before the definition that asks
	// for the key, but not before the stage, which they need.
	CreateUsagePlan Op = "CreateUsagePlan"
	TagUsagePlan    Op = "TagUsagePlan"
	UpdateUsagePlan Op = "UpdateUsagePlan"
	AddPlanKey      Op = "AddPlanKey"

	// WaitCache leaves the stage's cache alone until AWS is done with it; what
	// comes after it goes on.
	WaitCache Op = "WaitCache"
	// WaitTable ends the plan until the table and its index can serve.
	WaitTable Op = "WaitTable"

	PutDefinition Op = "PutDefinition"
	Deploy        Op = "Deploy"
	CreateStage   Op = "CreateStage"
	PointStage    Op = "PointStage"

	// WaitGrace ends the plan until nobody is served from what goes next.
	WaitGrace       Op = "WaitGrace"
	DeleteUsagePlan Op = "DeleteUsagePlan"
	DeleteAPIKey    Op = "DeleteAPIKey"
	DeleteIndex     Op = "DeleteIndex"
	DeleteStage     Op = "DeleteStage"
)

// Step is one thing to do.
type Step struct {
	Op       Op       `json:"op"`
	Resource Resource `json:"resource"`
	// Target is what the step is about beside the resource: an index, a
	// policy, a stage, an API id.
	Target string `json:"target,omitempty"`
	// Changes are the differences the step removes.
	Changes []Change `json:"changes"`
	// Serving is whether clients notice the difference: while a plan has such
	// a step, the object is not Ready.
	Serving bool `json:"serving,omitempty"`
	// IdleTable is whether AWS refuses the step unless the table is ACTIVE
	// (aws-facts H3).
	IdleTable bool `json:"idleTable,omitempty"`
	// Stages are those that a usage plan holds after the step.
	Stages []string `json:"stages,omitempty"`
	// Message says what a waiting step waits for.
	Message string `json:"message,omitempty"`
	// Until is when a waiting step ends; zero if AWS does not say.
	Until time.Time `json:"until,omitzero"`
}

// Block says why nothing may be written at all: a person has to decide.
type Block struct {
	// Reason is a condition reason: Conflict, ClaimLost, TableMissing, ...
	Reason   string   `json:"reason"`
	Resource Resource `json:"resource"`
	// Message says what was found and what to do.
	Message string `json:"message"`
}

// Plan is the ordered way from the observed to the desired stack.
type Plan struct {
	// Block, when set, forbids every step; Steps is empty then.
	Block *Block `json:"block,omitempty"`
	Steps []Step `json:"steps,omitempty"`
	// Upgrade is whether the definition is made anew only because a newer
	// version of the operator makes another one of the same spec.
	Upgrade bool `json:"upgrade,omitempty"`
	// Warnings concern things that the plan leaves alone but a person should
	// know of.
	Warnings []string `json:"warnings,omitempty"`
}

// Empty reports whether there is nothing to do and nothing in the way.
func (p Plan) Empty() bool { return p.Block == nil && len(p.Steps) == 0 }

// Serving reports whether clients are served as declared, as far as the plan
// tells.
func (p Plan) Serving() bool {
	for _, step := range p.Steps {
		if step.Serving {
			return false
		}
	}
	return true
}

// Has reports whether a step of the plan is of that kind.
func (p Plan) Has(op Op) bool {
	for _, step := range p.Steps {
		if step.Op == op {
			return true
		}
	}
	return false
}

// Concerns reports whether a step that matters to clients concerns one of the
// resources.
func (p Plan) Concerns(resources ...Resource) bool {
	for _, step := range p.Steps {
		for _, r := range resources {
			if step.Serving && step.Resource == r {
				return true
			}
		}
	}
	return false
}

// Changes lists every difference, in the order of the steps.
func (p Plan) Changes() []Change {
	var all []Change
	for _, step := range p.Steps {
		all = append(all, step.Changes...)
	}
	return all
}

// Context is what a diff needs beside the two stacks.
type Context struct {
	Claim stack.Claim
	// Recorded is what the object's status remembers. It tells a lost claim
	// from a resource that was never ours; it is never evidence of ownership.
	Recorded Recorded
	// Generation is that of the spec which the desired stack was made from;
	// zero if there is none.
	Generation int64
	// RecreateTable allows an empty table in place of a missing one.
	RecreateTable bool
	// Adopt is what the object asks to take over.
	Adopt Adoption
	// Now decides whether a time of grace is over.
	Now time.Time
}

// Recorded is what an earlier check wrote down.
type Recorded struct {
	// TableARN is set once the table was ACTIVE.
	TableARN string
	// TableBackedUp is whether point-in-time recovery was on then.
	TableBackedUp bool
	RoleARN       string
	// ModeratorRoleARN is set once the moderator's role was wanted.
	ModeratorRoleARN string
	APIID            string
	// KeyID and UsagePlanID are set once they were made. Keyed is whether
	// there may be any: one was made, or its making was begun.
	KeyID, UsagePlanID string
	Keyed              bool
	// DeploymentID was made of the definition with hash DefinitionSHA256.
	DeploymentID     string
	DefinitionSHA256 string
	// IndexName is the index that the definition reads.
	IndexName string
	// Served is what the stage served when all was last as declared.
	Served ServedDefinition
}

// ServedDefinition is a definition that a stage served, and the generation of
// the spec it was made from; zero when nothing is certain.
type ServedDefinition struct {
	Stage      string
	Generation int64
	SHA256     string
}

// Times of grace after readers were moved (design rule 5.5 and the stage's
// change): what they were served from before stays that long.
const (
	IndexGrace = 2 * time.Minute
	StageGrace = 10 * time.Minute
)
