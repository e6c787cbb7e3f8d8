// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"github.com/commentsapi/operator/internal/stack"
)

// Diff says what has to happen, in order, for the observed stack to become the
// desired one. Only owned fields are compared, and only parts that were read.
//
// The order moves readers without a gap (design rule 5.5): what is new comes
// up beside the old, the role may use both, the definition is put and proven,
// the stage is pointed at it, and only after a time of grace does the old go.
func Diff(desired stack.Desired, observed stack.Observed, c Context) Plan {
	if block := blocked(desired, observed, c); block != nil {
		return Plan{Block: block}
	}
	var p Plan
	p.Steps = append(p.Steps, diffTable(desired.Table, observed)...)
	p.Steps = append(p.Steps, diffRole(Role, desired.Role, observed.Role)...)
	if desired.ModeratorRole != nil {
		p.Steps = append(p.Steps, diffRole(ModeratorRole, *desired.ModeratorRole, observed.ModeratorRole)...)
	}
	p.Steps = append(p.Steps, diffAPI(desired.API, observed)...)
	p.Steps = append(p.Steps, diffStageSettings(desired, observed.API)...)
	p.Steps = append(p.Steps, diffKey(desired, observed)...)

	rollout, upgrade := diffDefinition(desired, observed, c)
	p.Upgrade = upgrade
	usage := diffUsagePlan(desired, observed, c)
	_, staged := observedStage(observed.API, desired.Stage.Name)
	if staged {
		p.Steps = append(p.Steps, usage...)
	}
	if wait, ok := tableGate(desired.Table, observed.Table); ok {
		// Said even when the definition is fine: clients notice a table or an
		// index that can't serve.
		p.Steps = append(p.Steps, wait)
	}
	p.Steps = append(p.Steps, rollout...)
	if !staged {
		p.Steps = append(p.Steps, usage...)
	}
	p.Steps = append(p.Steps, retire(desired, observed, c, len(rollout) == 0)...)
	p.Warnings = warnings(observed)
	return p
}

// blocked checks every claim before anything is planned: a stack of which one
// resource is somebody else's is left alone as a whole.
func blocked(desired stack.Desired, observed stack.Observed, c Context) *Block {
	if b := blockedTable(desired.Table, observed, c); b != nil {
		return b
	}
	if b := blockedRole(Role, observed.Role, c, c.Recorded.RoleARN); b != nil {
		return b
	}
	if b := blockedRole(ModeratorRole, observed.ModeratorRole, c, c.Recorded.ModeratorRoleARN); b != nil && desired.ModeratorRole != nil {
		return b
	}
	if b := blockedAPI(desired, observed.API, c); b != nil {
		return b
	}
	return blockedKey(desired, observed, c)
}

func blockedAPI(desired stack.Desired, api *stack.ObservedAPI, c Context) *Block {
	if api == nil {
		if c.Adopt.API != NotAsked && c.Recorded.APIID == "" {
			return absent(RestAPI, "REST API "+c.Adopt.APIID)
		}
		return nil
	}
	relation := c.Claim.Relation(api.Tags)
	if relation.Mine() {
		return nil
	}
	if b := notOurs(c, RestAPI, "REST API "+api.ID, c.Adopt.APIARN, relation, c.Recorded.APIID == api.ID, c.Adopt.API); b != nil {
		return b
	}
	return lossyAPI(desired.API, api)
}

func blockedRole(r Resource, role *stack.ObservedRole, c Context, recorded string) *Block {
	if role == nil || c.Claim.Relation(role.Tags).Mine() {
		return nil
	}
	return foreign(r, fmt.Sprintf("IAM role %s", role.Name), c.Claim.Relation(role.Tags), recorded == role.ARN)
}

func blockedTable(want stack.Table, observed stack.Observed, c Context) *Block {
	table := observed.Table
	if table == nil {
		if c.Recorded.TableARN != "" && c.Recorded.TableBackedUp && !c.RecreateTable {
			return &Block{Reason: "TableMissing", Resource: Table, Message: fmt.Sprintf(
				"table %s is gone, and AWS keeps a backup of it for 35 days; restore it under the same name, or accept the loss with the annotation commentsapi.io/recreate-table=true", want.Name)}
		}
		if c.Recorded.TableARN == "" && c.Adopt.Table != NotAsked {
			return absent(Table, "table "+want.Name)
		}
		return nil
	}
	what := fmt.Sprintf("table %s", table.Name)
	if observed.Parts.Has(stack.PartTableTags) && table.Status != stack.TableDeleting {
		if relation := c.Claim.Relation(table.Tags); !relation.Mine() {
			if b := notOurs(c, Table, what, table.ARN, relation, c.Recorded.TableARN == table.ARN, c.Adopt.Table); b != nil {
				return b
			}
		}
	}
	if b := unusableKeys(want, table); b != nil {
		return b
	}
	if b := lossyOrder(want, table); b != nil {
		return b
	}
	switch table.Status {
	case stack.TableActive, stack.TableCreating, stack.TableUpdating, stack.TableDeleting:
		return nil
	default:
		return &Block{Reason: "TableUnusable", Resource: Table, Message: fmt.Sprintf(
			"%s is %s; see the table in the AWS console: a lost KMS key or a replication right has to be given back", what, table.Status)}
	}
}

// foreign tells a claim that was taken away from a resource that never was
// this object's. Nothing of the other claim's details is passed on: they may
// belong to another tenant.
func foreign(r Resource, what string, relation stack.Relation, wasOurs bool) *Block {
	if wasOurs {
		return &Block{Reason: "ClaimLost", Resource: r, Message: fmt.Sprintf(
			"%s no longer carries this object's claim tags (it is %s now); put the commentsapi.io/ tags back, or delete this object if the resource was given away", what, relation)}
	}
	return &Block{Reason: "Conflict", Resource: r, Message: fmt.Sprintf(
		"%s exists and is %s; nothing was changed; choose another name, or remove what exists; tables and REST APIs can be adopted: docs/adoption.md", what, relation)}
}

// warnings are about what a person may have to clean up.
func warnings(observed stack.Observed) []string {
	var out []string
	for _, d := range observed.DuplicateAPIs {
		if d.Stages > 0 {
			out = append(out, fmt.Sprintf("REST API %s carries this object's claim too and has a stage; it is left alone: delete it if nobody uses it", d.ID))
		}
	}
	for _, k := range observed.ExtraKeys {
		if k.InUse {
			out = append(out, fmt.Sprintf("API key %s carries this object's claim too and is in a usage plan; it is left alone: delete it if nobody uses it", k.ID))
		}
	}
	return out
}
