// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

type capacity struct {
	CapacityUnits float64
}

type consumedCapacity struct {
	TableName              string
	CapacityUnits          float64
	Table                  *capacity            `json:",omitempty"`
	LocalSecondaryIndexes  map[string]*capacity `json:",omitempty"`
	GlobalSecondaryIndexes map[string]*capacity `json:",omitempty"`
}

// Sizes of a unit in bytes.
const (
	writeUnit = 1 << 10
	readUnit  = 4 << 10
)

func ceilDiv(n, d int) float64 { return float64((n + d - 1) / d) }

// writeUnits are the units of writing an item over another; at least one.
func writeUnits(old, value *stored) float64 {
	size := 1
	for _, s := range []*stored{old, value} {
		if s != nil {
			size = max(size, s.size)
		}
	}
	return ceilDiv(size, writeUnit)
}

// readUnits are the units of reading that many bytes.
func readUnits(bytes int, consistent bool) float64 {
	units := ceilDiv(bytes, readUnit)
	if !consistent {
		units /= 2
	}
	return units
}

// wrote reports what a write consumed, the table's part and the indexes'.
func (t *table) wrote(mode *string, old, value *stored) *consumedCapacity {
	if m := deref(mode); m != "TOTAL" && m != "INDEXES" {
		return nil
	}
	out := &consumedCapacity{TableName: t.name}
	table := writeUnits(old, value)
	out.CapacityUnits = table
	global, local := map[string]*capacity{}, map[string]*capacity{}
	for _, x := range t.data.indexes {
		units := 0.0
		for _, c := range x.changes(old, value) {
			units += writeUnits(nil, c.value)
		}
		if units == 0 {
			continue
		}
		out.CapacityUnits += units
		if x.local {
			local[x.name] = &capacity{units}
		} else {
			global[x.name] = &capacity{units}
		}
	}
	if *mode == "INDEXES" {
		out.Table, out.GlobalSecondaryIndexes, out.LocalSecondaryIndexes = &capacity{table}, global, local
	}
	return out
}

// read reports what reading a table or one of its indexes consumed.
func (t *table) read(mode *string, x *index, bytes int, consistent bool) *consumedCapacity {
	if m := deref(mode); m != "TOTAL" && m != "INDEXES" {
		return nil
	}
	units := readUnits(bytes, consistent)
	out := &consumedCapacity{TableName: t.name, CapacityUnits: units}
	if *mode != "INDEXES" {
		return out
	}
	switch {
	case x == nil:
		out.Table = &capacity{units}
	case x.local:
		out.Table = &capacity{0}
		out.LocalSecondaryIndexes = map[string]*capacity{x.name: {units}}
	default:
		out.Table = &capacity{0}
		out.GlobalSecondaryIndexes = map[string]*capacity{x.name: {units}}
	}
	return out
}
