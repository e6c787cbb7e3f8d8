// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"strings"
)

// maxUnits is the highest provisioned capacity the API understands.
const maxUnits = 1_000_000_000_000

// checkCreate checks what the model's constraints can't express.
func checkCreate(in *createTableInput) error {
	mode := deref(in.BillingMode)
	if err := checkTableCapacity(mode, in.ProvisionedThroughput, in.OnDemandThroughput); err != nil {
		return err
	}
	if err := checkKeys(in.AttributeDefinitions, in.KeySchema); err != nil {
		return err
	}
	if in.LocalSecondaryIndexes == nil && in.GlobalSecondaryIndexes == nil && len(in.KeySchema) != len(in.AttributeDefinitions) {
		return invalidValues("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	if err := checkLocalIndexes(in); err != nil {
		return err
	}
	if err := checkGlobalIndexes(in, mode); err != nil {
		return err
	}
	used := names(in.KeySchema)
	projected := 0
	for _, x := range in.LocalSecondaryIndexes {
		used = append(used, names(x.KeySchema)...)
		projected += len(x.Projection.NonKeyAttributes)
	}
	for _, x := range in.GlobalSecondaryIndexes {
		used = append(used, names(x.KeySchema)...)
		projected += len(x.Projection.NonKeyAttributes)
	}
	if projected > maxProjected {
		return invalidValues("NonKeyAttributes count exceeds the per-table limit of %d", maxProjected)
	}
	return checkUnused(in.AttributeDefinitions, used)
}

func checkTableCapacity(mode string, p *provisionedThroughput, o *onDemandThroughput) error {
	if mode == onDemand {
		if p != nil {
			return invalidValues("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return checkOnDemand(o)
	}
	if p == nil {
		return invalidValues("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	if o != nil {
		return invalidValues("OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST")
	}
	return checkProvisioned(p)
}

func checkProvisioned(p *provisionedThroughput) error {
	switch {
	case p == nil:
	case *p.ReadCapacityUnits > maxUnits:
		return validation("Given value %d for ReadCapacityUnits is out of bounds", *p.ReadCapacityUnits)
	case *p.WriteCapacityUnits > maxUnits:
		return validation("Given value %d for WriteCapacityUnits is out of bounds", *p.WriteCapacityUnits)
	}
	return nil
}

// checkOnDemand checks request-unit caps: at least 1, or -1 for none
// (aws-facts H4).
func checkOnDemand(o *onDemandThroughput) error {
	if o == nil {
		return nil
	}
	if o.MaxReadRequestUnits == nil && o.MaxWriteRequestUnits == nil {
		return invalidValues("At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified in OnDemandThroughput")
	}
	for name, v := range map[string]*int64{"MaxReadRequestUnits": o.MaxReadRequestUnits, "MaxWriteRequestUnits": o.MaxWriteRequestUnits} {
		if v != nil && *v < 1 && *v != -1 {
			return invalidValues("%s must be at least 1, or -1 to remove the limit: %d", name, *v)
		}
	}
	return nil
}

func names(elements []keySchemaElement) []string {
	out := make([]string, len(elements))
	for i, e := range elements {
		out[i] = *e.AttributeName
	}
	return out
}

func definitionNames(definitions []attributeDefinition) []string {
	out := make([]string, len(definitions))
	for i, d := range definitions {
		out[i] = *d.AttributeName
	}
	return out
}

func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// checkKeys checks a key schema against the attribute definitions.
func checkKeys(definitions []attributeDefinition, elements []keySchemaElement) error {
	defined := definitionNames(definitions)
	keys := names(elements)
	if len(keys) > len(defined) {
		return validation("Invalid KeySchema: Some index key attribute have no definition")
	}
	if err := checkDefined(defined, keys); err != nil {
		return err
	}
	return checkKeyTypes(elements)
}

func checkDefined(defined, keys []string) error {
	for _, k := range keys {
		if !slices.Contains(defined, k) {
			return invalidValues("Some index key attributes are not defined in AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
				list(keys), list(defined))
		}
	}
	return nil
}

func checkKeyTypes(elements []keySchemaElement) error {
	switch {
	case len(elements) == 2 && *elements[0].AttributeName == *elements[1].AttributeName:
		return validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case *elements[0].KeyType != "HASH":
		return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(elements) == 2 && *elements[1].KeyType != "RANGE":
		return validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

// checkUnused refuses definitions of attributes that no key uses
// (aws-facts H3).
func checkUnused(definitions []attributeDefinition, used []string) error {
	slices.Sort(used)
	used = slices.Compact(used)
	defined := definitionNames(definitions)
	for i, d := range defined {
		if slices.Contains(defined[:i], d) {
			return invalidValues("Duplicate AttributeName in AttributeDefinitions: %s", d)
		}
		if !slices.Contains(used, d) {
			return invalidValues("Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s", list(defined), list(used))
		}
	}
	return nil
}

func checkLocalIndexes(in *createTableInput) error {
	if in.LocalSecondaryIndexes == nil {
		return nil
	}
	if len(in.LocalSecondaryIndexes) == 0 {
		return invalidValues("List of LocalSecondaryIndexes is empty")
	}
	if len(in.KeySchema) != 2 {
		return invalidValues("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	var seen []string
	for _, x := range in.LocalSecondaryIndexes {
		if err := checkDefined(definitionNames(in.AttributeDefinitions), names(x.KeySchema)); err != nil {
			return err
		}
		if err := checkKeyTypes(x.KeySchema); err != nil {
			return err
		}
		if len(x.KeySchema) != 2 {
			return invalidValues("Index KeySchema does not have a range key for index: %s", *x.IndexName)
		}
		if hash, want := *x.KeySchema[0].AttributeName, *in.KeySchema[0].AttributeName; hash != want {
			return invalidValues("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. "+
				"index hash key: %s, table hash key: %s", *x.IndexName, hash, want)
		}
		if err := checkProjection(x.Projection); err != nil {
			return err
		}
		if slices.Contains(seen, *x.IndexName) {
			return invalidValues("Duplicate index name: %s", *x.IndexName)
		}
		seen = append(seen, *x.IndexName)
	}
	if len(seen) > maxLocalIndexes {
		return invalidValues("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
	}
	return nil
}

func checkGlobalIndexes(in *createTableInput, mode string) error {
	if in.GlobalSecondaryIndexes == nil {
		return nil
	}
	if len(in.GlobalSecondaryIndexes) == 0 {
		return invalidValues("List of GlobalSecondaryIndexes is empty")
	}
	var seen []string
	for _, x := range in.LocalSecondaryIndexes {
		seen = append(seen, *x.IndexName)
	}
	for _, x := range in.GlobalSecondaryIndexes {
		if err := checkDefined(definitionNames(in.AttributeDefinitions), names(x.KeySchema)); err != nil {
			return err
		}
		if err := checkKeyTypes(x.KeySchema); err != nil {
			return err
		}
		if err := checkProjection(x.Projection); err != nil {
			return err
		}
		if err := checkIndexCapacity(mode, x); err != nil {
			return err
		}
		if slices.Contains(seen, *x.IndexName) {
			return invalidValues("Duplicate index name: %s", *x.IndexName)
		}
		seen = append(seen, *x.IndexName)
	}
	if len(in.GlobalSecondaryIndexes) > maxGlobalIndexes {
		return invalidValues("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	}
	return nil
}

func checkProjection(p *projection) error {
	switch kind := deref(p.ProjectionType); {
	case p.ProjectionType == nil:
		return invalidValues("Unknown ProjectionType: null")
	case p.NonKeyAttributes != nil && kind != "INCLUDE":
		return invalidValues("ProjectionType is %s, but NonKeyAttributes is specified", kind)
	case p.NonKeyAttributes == nil && kind == "INCLUDE":
		return invalidValues("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	}
	for i, name := range p.NonKeyAttributes {
		if slices.Contains(p.NonKeyAttributes[:i], name) {
			return invalidValues("Duplicate attribute in NonKeyAttributes: %s", name)
		}
	}
	return nil
}

func checkIndexCapacity(mode string, x globalSecondaryIndex) error {
	if mode == onDemand {
		if x.ProvisionedThroughput != nil {
			return invalidValues("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", *x.IndexName)
		}
		return checkOnDemand(x.OnDemandThroughput)
	}
	if x.ProvisionedThroughput == nil {
		return invalidValues("ProvisionedThroughput must be specified for index: %s", *x.IndexName)
	}
	if x.OnDemandThroughput != nil {
		return invalidValues("OnDemandThroughput should not be specified for index: %s when BillingMode is PROVISIONED", *x.IndexName)
	}
	return checkProvisioned(x.ProvisionedThroughput)
}
