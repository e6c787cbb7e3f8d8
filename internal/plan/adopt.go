// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"

	"github.com/commentsapi/operator/internal/stack"
)

// Grant is the answer to an object's wish to take a resource over.
type Grant string

// The grants.
const (
	// NotAsked: the object does not ask for it.
	NotAsked Grant = ""
	// NotAllowed: nobody allowed it on the object's Namespace.
	NotAllowed Grant = "NotAllowed"
	// Held: another object lives on the resource, or that can't be ruled out.
	Held Grant = "Held"
	// Granted: the object may take it over.
	Granted Grant = "Granted"
)

// Adoption is what an object asks to take over, and the answers. An answer
// matters only while the resource does not carry the object's claim.
type Adoption struct {
	Table, API Grant
	// APIID is the REST API that is asked for, APIARN its name in full.
	APIID, APIARN string
}

// maxNamed is how many methods a message names.
const maxNamed = 5

// notOurs says what follows from a resource that does not carry the object's
// claim; nil when it is taken over. A claim that somebody else put in place of
// the object's is not taken back: two that do so would never end.
func notOurs(c Context, r Resource, what, arn string, relation stack.Relation, wasOurs bool, grant Grant) *Block {
	switch {
	case grant == NotAsked, wasOurs && relation == stack.Foreign:
		return foreign(r, what, relation, wasOurs)
	case grant == NotAllowed:
		return &Block{Reason: "AdoptionDenied", Resource: r, Message: fmt.Sprintf(
			"taking over %s is not allowed in this namespace; nothing was changed; a cluster admin allows it by adding %s to the annotation commentsapi.io/allow-adopt of the Namespace %s",
			what, arn, c.Claim.Namespace)}
	case grant == Held:
		return &Block{Reason: "AdoptionDenied", Resource: r, Message: fmt.Sprintf(
			"%s is claimed by another object that exists, or that this operator can't look up; nothing was changed; it can be taken over once that object is deleted, or once its commentsapi.io/ tags are removed by hand",
			what)}
	}
	return nil
}

// absent says what follows from a resource that is asked for and isn't there,
// and never was this object's.
func absent(r Resource, what string) *Block {
	return &Block{Reason: "NothingToAdopt", Resource: r, Message: fmt.Sprintf(
		"spec.adopt names %s, which does not exist in this account and region; correct the name, or remove it from spec.adopt to have a new one made", what)}
}

// unusableKeys says what can't be used of a table's keys, which never change.
func unusableKeys(want stack.Table, have *stack.ObservedTable) *Block {
	unusable := func(format string, args ...any) *Block {
		return &Block{Reason: "TableUnusable", Resource: Table,
			Message: fmt.Sprintf("table %s ", have.Name) + fmt.Sprintf(format, args...) + ", and keys can't change; use another tableName"}
	}
	if have.PartitionKey == "" {
		return unusable("has more than one key attribute where only %q is needed", want.PartitionKey)
	}
	if have.PartitionKey != want.PartitionKey {
		return unusable("has the key %q where %q is needed", have.PartitionKey, want.PartitionKey)
	}
	needed := map[string]string{want.PartitionKey: "S"}
	for _, index := range want.Indexes {
		needed[index.Shape.HashKey] = "S"
		if index.Shape.RangeKey != "" {
			needed[index.Shape.RangeKey] = "N"
		}
	}
	for _, name := range sorted(needed) {
		if is, ok := have.AttributeTypes[name]; ok && is != needed[name] {
			return unusable("or one of its indexes has the key %q of type %s where type %s is needed", name, is, needed[name])
		}
	}
	return nil
}

// lossyOrder says that an ordered index over the items of an adopted table
// would hide those without the attribute it orders by.
func lossyOrder(want stack.Table, have *stack.ObservedTable) *Block {
	if want.Tags[stack.TagAdopted] == "" || have.Status == stack.TableDeleting {
		return nil
	}
	for _, index := range want.Indexes {
		existing, status, ok := have.Index(index.Name)
		if index.Shape.RangeKey == "" || ok && status != stack.IndexDeleting && existing.Shape.Serves(index.Shape) {
			continue
		}
		return &Block{Reason: "AdoptionUnsafe", Resource: Table, Message: fmt.Sprintf(
			"table %s was not made by this operator and has no index ordered by %s; comments stored without it would leave the list; nothing was changed; set comments.order to Unordered, or give every item a number %s and make the index %s yourself: docs/adoption.md has the commands",
			have.Name, index.Shape.RangeKey, index.Shape.RangeKey, describe(index))}
	}
	return nil
}

// lossyAPI says what would be lost of a REST API that is taken over: methods
// that the object doesn't make, and what keeps callers out.
func lossyAPI(want stack.API, have *stack.ObservedAPI) *Block {
	unsafe := func(what, remedy string) *Block {
		return &Block{Reason: "AdoptionUnsafe", Resource: RestAPI, Message: fmt.Sprintf(
			"REST API %s %s; nothing was changed; %s", have.ID, what, remedy)}
	}
	var foreign, closed []string
	for _, key := range sorted(have.Definition.Methods) {
		wanted, ok := want.Definition.Methods[key]
		switch is := have.Definition.Methods[key]; {
		case !ok:
			foreign = append(foreign, key)
		case is.Authorization != wanted.Authorization && is.Authorization != "" && is.Authorization != "NONE",
			is.APIKeyRequired && !wanted.APIKeyRequired:
			closed = append(closed, key)
		}
	}
	switch {
	case len(foreign) > 0:
		return unsafe("has methods that this object would remove: "+named(foreign), "delete them from the API, or set the option that makes them (OPTIONS methods: api.cors)")
	case len(closed) > 0:
		return unsafe("lets only some callers use methods that this object would open: "+named(closed), "set api.authorization and api.apiKey to match, or open the methods in the API first")
	case have.Policy != "" && !SamePolicy(have.Policy, want.Policy):
		return unsafe("has a resource policy that this object would remove or replace", "remove the policy from the API if everybody may call it")
	}
	return nil
}

func named(methods []string) string {
	more := ""
	if len(methods) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(methods)-maxNamed)
		methods = methods[:maxNamed]
	}
	return strings.Join(methods, ", ") + more
}
