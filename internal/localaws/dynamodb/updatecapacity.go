// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits on changing capacity (aws-facts H4).
const (
	maxSwitches     = 4  // to on-demand, in 24 hours
	freeDecreases   = 4  // a day, at any time; afterwards one an hour
	maxDecreasesDay = 27 // a UTC day
)

// updateCapacity changes billing mode, throughput, caps and warm throughput of
// a table and its indexes.
func (c *call) updateCapacity(next *table, in *updateTableInput, until time.Time) error {
	mode := next.billing.mode
	if in.BillingMode != nil {
		mode = *in.BillingMode
	}
	if mode == onDemand && in.ProvisionedThroughput != nil {
		return invalidValues("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	if mode == provisioned && in.OnDemandThroughput != nil {
		return invalidValues("OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST")
	}
	updates, err := indexUpdates(next, in.GlobalSecondaryIndexUpdates, c.now)
	if err != nil {
		return err
	}
	changed, err := c.switchMode(next, mode, updates, until)
	if err != nil {
		return err
	}
	if in.ProvisionedThroughput != nil {
		if err := c.setCapacity(&next.capacity, &next.before, in.ProvisionedThroughput, changed); err != nil {
			return err
		}
		changed = true
	}
	if in.OnDemandThroughput != nil {
		caps := mergeCaps(next.onDemand, in.OnDemandThroughput)
		changed = changed || !sameCaps(caps, next.onDemand)
		next.onDemand = caps
	}
	warmer, err := warm(&next.warm, in.WarmThroughput, "table")
	if err != nil {
		return err
	}
	changed = changed || warmer
	for _, name := range slices.Sorted(maps.Keys(updates)) {
		if err := c.updateIndex(next, updates[name], mode, until, &changed); err != nil {
			return err
		}
	}
	if !changed {
		return unchanged("BillingMode, OnDemandThroughput and WarmThroughput")
	}
	return nil
}

func indexUpdates(t *table, list []globalSecondaryIndexUpdate, now time.Time) (map[string]*updateIndexAction, error) {
	out := map[string]*updateIndexAction{}
	for _, u := range list {
		i := t.index(*u.Update.IndexName, now)
		if i == nil || i.local {
			return nil, notFound("Requested resource not found: Index: %s not found", *u.Update.IndexName)
		}
		if s := i.state(now); s != statusActive {
			return nil, inUse("Index: %s is %s", i.name, s)
		}
		out[i.name] = u.Update
	}
	return out, nil
}

// switchMode switches the billing mode and reports whether it did.
func (c *call) switchMode(next *table, mode string, updates map[string]*updateIndexAction, until time.Time) (bool, error) {
	if mode == next.billing.mode {
		return false, nil
	}
	if mode == provisioned {
		var missing []string
		for _, i := range next.indexes {
			if u := updates[i.name]; !i.local && (u == nil || u.ProvisionedThroughput == nil) {
				missing = append(missing, i.name)
			}
		}
		if len(missing) > 0 {
			return false, invalidValues("ProvisionedThroughput must be specified for index: %s", strings.Join(missing, ","))
		}
		next.onDemand = nil
		next.billing.mode, next.billing.summarised = mode, true
		return true, nil
	}
	recent := slices.DeleteFunc(slices.Clone(next.billing.switches), func(at time.Time) bool { return c.now.Sub(at) >= 24*time.Hour })
	if len(recent) >= maxSwitches {
		return false, limitExceeded("Update to PayPerRequest mode are limited to %d times in 1 day(s). Last update at %s. Next update can be made at %s",
			maxSwitches, recent[len(recent)-1].UTC().Format(time.RFC1123), recent[0].Add(24*time.Hour).UTC().Format(time.RFC1123))
	}
	next.billing = billing{mode: onDemand, summarised: true, switches: append(recent, c.now), lastSet: until}
	next.capacity.drop(&next.before, c.now)
	next.warm = units{max(next.warm.read, warmOnDemandRead), max(next.warm.write, warmOnDemandWrite)}
	for n := range next.indexes {
		i := &next.indexes[n]
		i.capacity.drop(&i.before, c.now)
		i.updatedAt = until
		i.warm = units{max(i.warm.read, warmOnDemandRead), max(i.warm.write, warmOnDemandWrite)}
	}
	return true, nil
}

// drop gives up provisioned capacity; before is what is shown meanwhile.
func (p *throughput) drop(before *throughput, now time.Time) {
	p.units, p.lastDecrease = units{}, time.Time{}
	*before = *p
	before.lastDecrease = now
}

// setCapacity changes provisioned capacity; before becomes what is shown until
// the change is through: the old units, and already the new dates. switched
// says that the mode was just switched, so that any value is a change.
func (c *call) setCapacity(p, before *throughput, asked *provisionedThroughput, switched bool) error {
	want := capacityOf(asked).units
	have := p.units
	*before = *p
	if switched {
		p.units, p.lastIncrease = want, c.now
		*before = *p
		return nil
	}
	if want == have {
		return validation("The provisioned throughput for the table will not change. The requested value equals the current value. "+
			"Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. "+
			"Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. "+
			"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
			have.read, want.read, have.write, want.write)
	}
	if want.read < have.read || want.write < have.write {
		if err := c.decrease(p); err != nil {
			return err
		}
	}
	if want.read > have.read || want.write > have.write {
		p.lastIncrease = c.now
	}
	p.units = want
	before.lastIncrease, before.lastDecrease = p.lastIncrease, p.lastDecrease
	return nil
}

func (c *call) decrease(p *throughput) error {
	day := c.now.UTC().Truncate(24 * time.Hour)
	today := slices.DeleteFunc(slices.Clone(p.decreases), func(at time.Time) bool { return at.Before(day) })
	if len(today) >= maxDecreasesDay || len(today) >= freeDecreases && c.now.Sub(p.lastDecrease) < time.Hour {
		return limitExceeded("Provisioned throughput decreases are limited within a given UTC day. " +
			"After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds.")
	}
	p.decreases = append(today, c.now)
	p.lastDecrease = c.now
	return nil
}

func (c *call) updateIndex(next *table, u *updateIndexAction, mode string, until time.Time, changed *bool) error {
	i := next.index(*u.IndexName, c.now)
	if mode == onDemand && u.ProvisionedThroughput != nil {
		return invalidValues("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", i.name)
	}
	if mode == provisioned && u.OnDemandThroughput != nil {
		return invalidValues("OnDemandThroughput should not be specified for index: %s when BillingMode is PROVISIONED", i.name)
	}
	if err := checkProvisioned(u.ProvisionedThroughput); err != nil {
		return err
	}
	if err := checkOnDemand(u.OnDemandThroughput); err != nil {
		return err
	}
	i.before = i.capacity
	if u.ProvisionedThroughput != nil {
		if err := c.setCapacity(&i.capacity, &i.before, u.ProvisionedThroughput, i.capacity.units == units{}); err != nil {
			return err
		}
		*changed = true
	}
	if u.OnDemandThroughput != nil {
		caps := mergeCaps(i.onDemand, u.OnDemandThroughput)
		*changed = *changed || !sameCaps(caps, i.onDemand)
		i.onDemand = caps
	}
	warmer, err := warm(&i.warm, u.WarmThroughput, "index "+i.name)
	*changed = *changed || warmer
	i.updatedAt = until
	return err
}

// mergeCaps applies request-unit caps; -1 removes one.
func mergeCaps(have, add *onDemandThroughput) *onDemandThroughput {
	var out onDemandThroughput
	if have != nil {
		out = *have
	}
	apply := func(dst **int64, v *int64) {
		switch {
		case v == nil:
		case *v == -1:
			*dst = nil
		default:
			*dst = v
		}
	}
	apply(&out.MaxReadRequestUnits, add.MaxReadRequestUnits)
	apply(&out.MaxWriteRequestUnits, add.MaxWriteRequestUnits)
	if out.MaxReadRequestUnits == nil && out.MaxWriteRequestUnits == nil {
		return nil
	}
	return &out
}

func sameCaps(a, b *onDemandThroughput) bool {
	if a == nil || b == nil {
		return a == b
	}
	return deref(a.MaxReadRequestUnits) == deref(b.MaxReadRequestUnits) && deref(a.MaxWriteRequestUnits) == deref(b.MaxWriteRequestUnits)
}

// warm raises warm throughput; it can't be lowered (aws-facts H4).
func warm(have *units, asked *warmThroughput, what string) (bool, error) {
	if asked == nil {
		return false, nil
	}
	want := *have
	if asked.ReadUnitsPerSecond != nil {
		want.read = *asked.ReadUnitsPerSecond
	}
	if asked.WriteUnitsPerSecond != nil {
		want.write = *asked.WriteUnitsPerSecond
	}
	field := ""
	if want.read < have.read {
		field = "ReadUnitsPerSecond"
	} else if want.write < have.write {
		field = "WriteUnitsPerSecond"
	}
	if field != "" {
		return false, invalidValues("Requested %s for WarmThroughput for %s is lower than current WarmThroughput, "+
			"decreasing WarmThroughput is not supported", field, what)
	}
	changed := want != *have
	*have = want
	return changed, nil
}
