// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import "time"

// backups are a table's continuous backups (aws-facts H5).
type backups struct {
	// availableAt is when UpdateContinuousBackups starts to work.
	availableAt time.Time
	enabled     bool
	since       time.Time
	days        int32
}

// defaultRecoveryDays is how long backups are kept when nobody says.
const defaultRecoveryDays = 35

// latestRestorable is how far the restorable time trails the present.
const latestRestorable = 5 * time.Minute

type updateBackupsInput struct {
	tableInput
	PointInTimeRecoverySpecification *pitrSpecification `aws:"required"`
}

type pitrSpecification struct {
	PointInTimeRecoveryEnabled *bool  `aws:"required"`
	RecoveryPeriodInDays       *int32 `aws:"range=1:35"`
}

type pitrDescription struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int32  `json:",omitempty"`
	EarliestRestorableDateTime *epoch `json:",omitempty"`
	LatestRestorableDateTime   *epoch `json:",omitempty"`
}

func noSuchTable(name string) error {
	return failure(modelled+"TableNotFoundException", "Table not found: %s", name)
}

func describeBackups(c *call, in *tableInput) (any, error) {
	t, then, err := c.visible(*in.TableName)
	if err != nil {
		return nil, noSuchTable(*in.TableName)
	}
	return t.backups.describe(then), nil
}

func updateBackups(c *call, in *updateBackupsInput) (any, error) {
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	t, err := c.latest(*in.TableName)
	if err != nil || t.state(c.now) == statusDeleting {
		return nil, noSuchTable(*in.TableName)
	}
	if t.state(c.now) == statusCreating || c.now.Before(t.backups.availableAt) {
		return nil, failure(modelled+"ContinuousBackupsUnavailableException",
			"Backups are being enabled for the table: %s. Please retry later", t.name)
	}
	p := in.PointInTimeRecoverySpecification
	if !*p.PointInTimeRecoveryEnabled && p.RecoveryPeriodInDays != nil {
		return nil, invalidValues("RecoveryPeriodInDays can only be specified when PointInTimeRecoveryEnabled is true")
	}
	next := t.change(c.now)
	b := &next.backups
	if *p.PointInTimeRecoveryEnabled && !b.enabled {
		b.since, b.days = c.now, defaultRecoveryDays
	}
	b.enabled = *p.PointInTimeRecoveryEnabled
	if p.RecoveryPeriodInDays != nil {
		b.days = *p.RecoveryPeriodInDays
	}
	c.region.tables.Put(t.name, next)
	return next.backups.describe(c.now), nil
}

func (b backups) describe(now time.Time) any {
	d := pitrDescription{PointInTimeRecoveryStatus: "DISABLED"}
	if b.enabled {
		earliest := b.since
		if oldest := now.AddDate(0, 0, -int(b.days)); earliest.Before(oldest) {
			earliest = oldest
		}
		latest := now.Add(-latestRestorable)
		if latest.Before(earliest) {
			latest = earliest
		}
		d = pitrDescription{PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: b.days,
			EarliestRestorableDateTime: when(earliest), LatestRestorableDateTime: when(latest)}
	}
	return map[string]any{"ContinuousBackupsDescription": map[string]any{
		"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": d,
	}}
}
