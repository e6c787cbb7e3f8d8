// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import "time"

// timeToLive is a table's expiry setting. The local AWS never expires items:
// AWS takes days, so nobody may count on it (aws-facts H5).
type timeToLive struct {
	attribute string
	enabled   bool
	changed   time.Time // zero if never
	settledAt time.Time // end of ENABLING or DISABLING
}

// ttlInterval is how long after a change the next one is refused.
const ttlInterval = time.Hour

type updateTTLInput struct {
	tableInput
	TimeToLiveSpecification *ttlSpecification `aws:"required"`
}

type ttlSpecification struct {
	Enabled       *bool   `aws:"required"`
	AttributeName *string `aws:"required,len=1:255"`
}

type ttlDescription struct {
	TimeToLiveStatus string
	AttributeName    string `json:",omitempty"`
}

func describeTTL(c *call, in *tableInput) (any, error) {
	t, then, err := c.visible(*in.TableName)
	if err != nil {
		return nil, err
	}
	return map[string]any{"TimeToLiveDescription": t.ttl.describe(then)}, nil
}

func (l timeToLive) describe(now time.Time) ttlDescription {
	switch {
	case l.enabled && now.Before(l.settledAt):
		return ttlDescription{"ENABLING", l.attribute}
	case l.enabled:
		return ttlDescription{"ENABLED", l.attribute}
	case now.Before(l.settledAt):
		return ttlDescription{"DISABLING", l.attribute}
	}
	return ttlDescription{TimeToLiveStatus: "DISABLED"}
}

func updateTTL(c *call, in *updateTTLInput) (any, error) {
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	t, err := c.active(*in.TableName)
	if err != nil {
		return nil, err
	}
	spec := in.TimeToLiveSpecification
	switch {
	case !t.ttl.changed.IsZero() && c.now.Before(t.ttl.changed.Add(ttlInterval)):
		return nil, validation("Time to live has been modified multiple times within a fixed interval")
	case *spec.Enabled && t.ttl.enabled && *spec.AttributeName != t.ttl.attribute:
		return nil, validation("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.ttl.attribute)
	case *spec.Enabled && t.ttl.enabled:
		return nil, validation("TimeToLive is already enabled")
	case !*spec.Enabled && !t.ttl.enabled:
		return nil, validation("TimeToLive is already disabled")
	case !*spec.Enabled && *spec.AttributeName != t.ttl.attribute:
		return nil, validation("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.ttl.attribute)
	}
	next := t.change(c.now)
	next.ttl = timeToLive{
		attribute: *spec.AttributeName, enabled: *spec.Enabled, changed: c.now,
		settledAt: c.now.Add(c.env.Nature().Delays.TableUpdate.D()),
	}
	c.region.tables.Put(t.name, next)
	return map[string]any{"TimeToLiveSpecification": map[string]any{"Enabled": *spec.Enabled, "AttributeName": *spec.AttributeName}}, nil
}
