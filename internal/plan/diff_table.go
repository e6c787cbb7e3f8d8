// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"github.com/commentsapi/operator/internal/stack"
)

// diffTable plans the table and its indexes, up to the point where readers
// can be moved. Dropping an index comes later (retire).
func diffTable(want stack.Table, observed stack.Observed) []Step {
	have := observed.Table
	if have == nil {
		return []Step{{Op: CreateTable, Resource: Table, Target: want.Name, Serving: true,
			Changes: []Change{{Resource: Table, Action: Create, To: want.Name}}}}
	}
	if have.Status == stack.TableDeleting {
		return nil // the gate says what is waited for
	}
	var steps []Step
	step := func(op Op, idle bool, compare func(d *differ)) {
		d := differ{resource: Table}
		compare(&d)
		if len(d.changes) > 0 {
			steps = append(steps, Step{Op: op, Resource: Table, Changes: d.changes, IdleTable: idle})
		}
	}
	if observed.Parts.Has(stack.PartTableTags) {
		step(TagTable, false, func(d *differ) { d.tags(have.Tags, want.Tags) })
	}
	if observed.Parts.Has(stack.PartTableBackups) {
		step(UpdateBackups, true, func(d *differ) {
			d.boolean("pointInTimeRecovery", have.PointInTimeRecovery, want.PointInTimeRecovery)
		})
	}
	if observed.Parts.Has(stack.PartTableTTL) {
		step(UpdateTTL, true, func(d *differ) { d.text("ttlAttribute", have.TTLAttribute, want.TTLAttribute) })
	}
	step(UpdateProtection, true, func(d *differ) {
		d.boolean("deletionProtection", have.DeletionProtection, want.DeletionProtection)
	})
	steps = append(steps, diffIndex(want, have)...)
	step(UpdateBilling, true, func(d *differ) {
		d.text("billing", string(have.Billing), string(want.Billing))
		diffCapacity(d, "capacity", have.Capacity, want.Capacity)
		for _, index := range want.Indexes {
			if existing, status, ok := have.Index(index.Name); ok && status != stack.IndexDeleting {
				diffCapacity(d, "indexes."+index.Name+".capacity", existing.Capacity, index.Capacity)
			}
		}
	})
	step(UpdateClass, true, func(d *differ) { d.text("class", string(have.Class), string(want.Class)) })
	step(UpdateEncryption, true, func(d *differ) { d.text("kmsKeyARN", have.KMSKeyARN, want.KMSKeyARN) })
	return steps
}

// diffIndex plans the index that lists comments. An existing one of the right
// shape was chosen when the desired stack was made, so here it is either there
// or has to be made. AWS allows one index change at a time (aws-facts H3).
func diffIndex(want stack.Table, have *stack.ObservedTable) []Step {
	var steps []Step
	for _, index := range want.Indexes {
		existing, status, ok := have.Index(index.Name)
		if ok && status != stack.IndexDeleting && existing.Shape.Serves(index.Shape) {
			continue
		}
		change := Change{Resource: Table, Action: Create, Field: "indexes." + index.Name, To: describe(index)}
		steps = append(steps, Step{Op: CreateIndex, Resource: Table, Target: index.Name,
			Serving: true, IdleTable: true, Changes: []Change{change}})
	}
	return steps
}

func diffCapacity(d *differ, field string, have, want stack.Capacity) {
	d.number(field+".readUnits", have.ReadUnits, want.ReadUnits)
	d.number(field+".writeUnits", have.WriteUnits, want.WriteUnits)
	d.number(field+".maxReadUnits", have.MaxReadUnits, want.MaxReadUnits)
	d.number(field+".maxWriteUnits", have.MaxWriteUnits, want.MaxWriteUnits)
}

// tableGate returns the step that ends the plan while the table or the wanted
// index can't serve.
func tableGate(want stack.Table, have *stack.ObservedTable) (Step, bool) {
	wait := func(message string) (Step, bool) {
		return Step{Op: WaitTable, Resource: Table, Target: want.Name, Serving: true, Message: message,
			Changes: []Change{{Resource: Table, Action: Wait, To: message}}}, true
	}
	if have == nil {
		return wait(fmt.Sprintf("table %s is being created", want.Name))
	}
	if have.Status == stack.TableDeleting {
		return wait(fmt.Sprintf("table %s is being deleted; it is made anew, or restored, once it is gone", want.Name))
	}
	if !have.Status.Serves() {
		return wait(fmt.Sprintf("table %s is %s", want.Name, have.Status))
	}
	for _, index := range want.Indexes {
		_, status, ok := have.Index(index.Name)
		switch {
		case !ok:
			return wait(fmt.Sprintf("index %s is being created", index.Name))
		case status != stack.IndexActive && status != stack.IndexUpdating:
			return wait(fmt.Sprintf("index %s is %s", index.Name, status))
		}
	}
	return Step{}, false
}
