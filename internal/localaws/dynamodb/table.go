// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Table and index states (aws-facts H2).
const (
	statusCreating = "CREATING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
	statusDeleting = "DELETING"
	statusGone     = ""
)

const (
	provisioned = "PROVISIONED"
	onDemand    = "PAY_PER_REQUEST"
)

// key is a key attribute.
type key struct {
	name string
	kind attr.Kind
}

// schema is a partition key and perhaps a sort key.
type schema []key

func (s schema) names() []string {
	names := make([]string, len(s))
	for i, k := range s {
		names[i] = k.name
	}
	return names
}

func (s schema) has(name string) bool {
	return slices.ContainsFunc(s, func(k key) bool { return k.name == name })
}

// table is one version of a table's description. Versions are immutable: to
// change a table, change a copy and put that into the store. Only data, the
// items, is shared by all versions.
type table struct {
	name, arn, id string
	created       time.Time
	keys          schema
	attributes    []attributeDefinition

	billing   billing
	capacity  throughput
	before    throughput // what is described while UPDATING
	onDemand  *onDemandThroughput
	warm      units
	class     string
	classSet  time.Time // zero if the class never changed
	sse       *sseDescription
	protected bool
	tags      []tag
	ttl       timeToLive
	backups   backups

	indexes []index

	activeAt  time.Time // end of CREATING
	updatedAt time.Time // end of UPDATING
	deletedAt time.Time // end of DELETING; zero if not deleted

	data *data
}

// billing is how a table is paid for (aws-facts H4).
type billing struct {
	mode string
	// summarised says that BillingModeSummary is shown: not on a table that
	// was created PROVISIONED and never switched.
	summarised bool
	// switches are the recent times of switches to on-demand.
	switches []time.Time
	// lastSet is when the last switch to on-demand, or creation as such, was
	// through.
	lastSet time.Time
}

// throughput is provisioned capacity; zero for on-demand.
type throughput struct {
	units
	lastIncrease, lastDecrease time.Time
	decreases                  []time.Time
}

type units struct{ read, write int64 }

// index is a secondary index.
type index struct {
	name       string
	arn        string
	local      bool
	keys       schema
	projection projection
	capacity   throughput
	before     throughput
	onDemand   *onDemandThroughput
	warm       units

	activeAt   time.Time
	backfillAt time.Time // zero for an index created with its table
	updatedAt  time.Time
	deletedAt  time.Time

	data *indexData
}

// state is the table's status at a time; statusGone after its deletion.
func (t *table) state(now time.Time) string {
	return state(now, t.activeAt, t.updatedAt, t.deletedAt)
}

func (i *index) state(now time.Time) string {
	return state(now, i.activeAt, i.updatedAt, i.deletedAt)
}

func state(now, activeAt, updatedAt, deletedAt time.Time) string {
	switch {
	case !deletedAt.IsZero() && now.Before(deletedAt):
		return statusDeleting
	case !deletedAt.IsZero():
		return statusGone
	case now.Before(activeAt):
		return statusCreating
	case now.Before(updatedAt):
		return statusUpdating
	}
	return statusActive
}

// change returns a copy of the table to modify, without indexes that are gone.
func (t *table) change(now time.Time) *table {
	next := *t
	next.indexes = nil
	for _, i := range t.indexes {
		if i.state(now) != statusGone {
			next.indexes = append(next.indexes, i)
		}
	}
	return &next
}

func (t *table) index(name string, now time.Time) *index {
	for i := range t.indexes {
		if x := &t.indexes[i]; x.name == name && x.state(now) != statusGone {
			return x
		}
	}
	return nil
}

// kind is the defined type of a key attribute.
func (t *table) kind(name string) attr.Kind {
	for _, a := range t.attributes {
		if *a.AttributeName == name {
			return attr.KindOf(*a.AttributeType)
		}
	}
	return attr.Invalid
}

// arn is the ARN of a table in the region.
func (r *region) arn(name string) string {
	return "arn:" + r.partition + ":dynamodb:" + r.regionKey.region + ":" + r.account + ":table/" + name
}

// localName turns a table's name or ARN into its name. An ARN of another
// account or region can't be reached from here.
func (r *region) localName(nameOrARN string) (string, error) {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		return nameOrARN, nil
	}
	name, ok := strings.CutPrefix(nameOrARN, r.arn(""))
	if !ok || name == "" || strings.Contains(name, "/") {
		return "", validation("Invalid TableArn: Invalid ResourceArn provided as input %s", nameOrARN)
	}
	return name, nil
}

// latest returns the newest version of a table that isn't gone.
func (c *call) latest(nameOrARN string) (*table, error) {
	name, err := c.region.localName(nameOrARN)
	if err != nil {
		return nil, err
	}
	t, ok := c.region.tables.Latest(name)
	if !ok || t.state(c.now) == statusGone {
		return nil, tableMissing(name)
	}
	return t, nil
}

// visible returns the table as lagging reads see it, and the time whose state
// they see (aws-facts H2: DescribeTable is eventually consistent).
func (c *call) visible(nameOrARN string) (*table, time.Time, error) {
	name, err := c.region.localName(nameOrARN)
	if err != nil {
		return nil, c.now, err
	}
	lag := c.env.Lag(lagName)
	then := c.now.Add(-lag)
	t, ok := c.region.tables.Visible(name, lag)
	if !ok || t.state(then) == statusGone {
		return nil, then, tableMissing(name)
	}
	return t, then, nil
}

// active returns a table that can be changed: its latest version, which must
// be ACTIVE.
func (c *call) active(nameOrARN string) (*table, error) {
	t, err := c.latest(nameOrARN)
	if err != nil {
		return nil, err
	}
	switch t.state(c.now) {
	case statusCreating:
		return nil, inUse("Table is being created: %s", t.name)
	case statusUpdating:
		return nil, inUse("Table is being updated: %s", t.name)
	case statusDeleting:
		return nil, inUse("Table is being deleted: %s", t.name)
	}
	return t, nil
}

// serving returns a table whose items can be read and written (aws-facts H7).
func (c *call) serving(nameOrARN string) (*table, error) {
	t, err := c.latest(nameOrARN)
	if err != nil || t.state(c.now) == statusCreating || t.state(c.now) == statusDeleting {
		if err != nil && asAPIError(err).kind != modelled+"ResourceNotFoundException" {
			return nil, err
		}
		return nil, notFound("Requested resource not found")
	}
	return t, nil
}
