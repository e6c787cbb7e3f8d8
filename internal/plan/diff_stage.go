// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/commentsapi/operator/internal/stack"
)

// diffDefinition plans the way of a definition to the clients: into the
// working copy, into a deployment, under the stage.
func diffDefinition(desired stack.Desired, observed stack.Observed, c Context) (steps []Step, upgrade bool) {
	have := observed.API
	if have != nil {
		if changes := workingCopy(desired.API, have, observed.Parts); len(changes) > 0 {
			steps = append(steps, Step{Op: PutDefinition, Resource: RestAPI, Changes: changes})
		}
	} else {
		steps = append(steps, Step{Op: PutDefinition, Resource: RestAPI,
			Changes: []Change{{Resource: RestAPI, Action: Create, Field: "definition"}}})
	}

	stage, exists := observedStage(have, desired.Stage.Name)
	served, _ := Served(stage, have, c.Recorded)
	if exists && served == desired.DefinitionSHA256 && !stage.Canary {
		return steps, false
	}
	upgrade = exists && !stage.Canary && madeAnew(desired, observed, c, served)
	from := ""
	if exists {
		from = "deployment " + stage.DeploymentID
	}
	change := Change{Resource: Deployment, Action: Update, Field: "definition", From: from, To: short(desired.DefinitionSHA256)}
	steps = append(steps, Step{Op: Deploy, Resource: Deployment, Target: desired.DefinitionSHA256,
		Changes: []Change{change}})
	if !exists {
		return append(steps, Step{Op: CreateStage, Resource: Stage, Target: desired.Stage.Name, Serving: true,
			Changes: []Change{{Resource: Stage, Action: Create, To: desired.Stage.Name}}}), false
	}
	return append(steps, Step{Op: PointStage, Resource: Stage, Target: desired.Stage.Name, Serving: !upgrade,
		Changes: []Change{{Resource: Stage, Action: Update, Field: "deployment", From: stage.DeploymentID, To: "definition " + short(desired.DefinitionSHA256)}}}), upgrade
}

// madeAnew reports whether the stage serves what an earlier version of the
// operator made of this very spec and these facts. Of a definition's facts only
// the index and the role can change under an object.
func madeAnew(desired stack.Desired, observed stack.Observed, c Context, served string) bool {
	was := c.Recorded.Served
	return c.Generation != 0 && was.Generation == c.Generation && was.Stage == desired.Stage.Name && was.SHA256 == served &&
		len(desired.Table.Indexes) > 0 && desired.Table.Indexes[0].Name == c.Recorded.IndexName &&
		observed.Role != nil && observed.Role.ARN == c.Recorded.RoleARN
}

func short(sha string) string { return sha[:min(12, len(sha))] }

func observedStage(api *stack.ObservedAPI, name string) (stack.ObservedStage, bool) {
	if api == nil {
		return stack.ObservedStage{}, false
	}
	stage, ok := api.Stages[name]
	return stage, ok
}

// Served returns the hash of the definition that a stage serves, and whether
// it is known. A deployment is immutable, so the one this operator recorded
// stands for its definition without being read again; any other is known by
// the description the operator gave it.
func Served(stage stack.ObservedStage, api *stack.ObservedAPI, r Recorded) (string, bool) {
	if stage.DeploymentID == "" {
		return "", false
	}
	if stage.DeploymentID == r.DeploymentID && r.DefinitionSHA256 != "" {
		return r.DefinitionSHA256, true
	}
	for _, d := range api.Deployments {
		if d.ID == stage.DeploymentID {
			return stack.DeploymentDefinition(d.Description)
		}
	}
	return "", false
}

// diffStageSettings plans the settings of a stage that exists. They take
// effect without a deployment (aws-facts D1).
func diffStageSettings(desired stack.Desired, api *stack.ObservedAPI) []Step {
	want := desired.Stage
	have, ok := observedStage(api, want.Name)
	if !ok {
		return nil
	}
	var steps []Step
	tags := differ{resource: Stage}
	tags.tags(have.Tags, want.Tags)
	if len(tags.changes) > 0 {
		steps = append(steps, Step{Op: TagStage, Resource: Stage, Target: want.Name, Changes: tags.changes})
	}
	d := differ{resource: Stage}
	for _, key := range union(have.Settings, want.Settings) {
		old, had := have.Settings[key]
		wanted, needed := want.Settings[key]
		field := "settings." + key
		if presence(&d, field, had, needed) {
			diffSettings(&d, field, old, wanted)
		}
	}
	d.strings("variables", have.Variables, want.Variables)
	d.text("accessLogDestination", have.AccessLogDestination, want.AccessLogDestination)
	d.text("accessLogFormat", have.AccessLogFormat, want.AccessLogFormat)
	d.boolean("tracing", have.Tracing, want.Tracing)
	cache := differ{resource: Stage}
	cache.text("cacheClusterSize", have.CacheClusterSize, want.CacheClusterSize)
	if !have.CacheStatus.Busy() {
		d.changes = append(d.changes, cache.changes...)
	}
	d.text("clientCertificate", have.ClientCertificate, want.ClientCertificate)
	if len(d.changes) > 0 {
		steps = append(steps, Step{Op: UpdateStage, Resource: Stage, Target: want.Name, Changes: d.changes, Serving: shut(have.Stage)})
	}
	return append(steps, waitCache(want, have, cache.changes)...)
}

// waitCache plans the wait for a cache that AWS is making, or removing before
// another one is made. Clients are served without it. One that is on its way
// out and not wanted any more is nothing to wait for.
func waitCache(want stack.Stage, have stack.ObservedStage, changes []Change) []Step {
	if !have.CacheStatus.Busy() || want.CacheClusterSize == "" && len(changes) == 0 {
		return nil
	}
	message := fmt.Sprintf("the cache of stage %s is %s; it takes AWS about 4 minutes, and nothing is cached meanwhile", want.Name, have.CacheStatus)
	if len(changes) == 0 {
		changes = []Change{{Resource: Stage, Action: Wait, Field: "cacheClusterSize", To: message}}
	}
	return []Step{{Op: WaitCache, Resource: Stage, Target: want.Name, Message: message, Changes: changes}}
}

// shut reports whether a stage's limits let no request through.
func shut(have stack.Stage) bool {
	for _, s := range have.Settings {
		if s.ThrottleRate == 0 || s.ThrottleBurst == 0 {
			return true
		}
	}
	return false
}

func diffSettings(d *differ, field string, have, want stack.MethodSettings) {
	rate := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	d.text(field+".throttleRate", rate(have.ThrottleRate), rate(want.ThrottleRate))
	d.number(field+".throttleBurst", int64(have.ThrottleBurst), int64(want.ThrottleBurst))
	d.boolean(field+".metrics", have.Metrics, want.Metrics)
	d.text(field+".loggingLevel", have.LoggingLevel, want.LoggingLevel)
	d.boolean(field+".dataTrace", have.DataTrace, want.DataTrace)
	d.boolean(field+".caching", have.Caching, want.Caching)
	if want.Caching {
		d.number(field+".cacheTTLSeconds", int64(have.CacheTTLSeconds), int64(want.CacheTTLSeconds))
		d.boolean(field+".cacheEncrypted", have.CacheEncrypted, want.CacheEncrypted)
		d.boolean(field+".cacheRefreshOpen", have.CacheRefreshOpen, want.CacheRefreshOpen)
		d.text(field+".cacheRefreshRefused", have.CacheRefreshRefused, want.CacheRefreshRefused)
	}
}

// retire plans the end of what readers were served from before: the
// operator's older indexes and stages, after a time of grace that begins when
// the stage was last updated or made. Nothing goes while anything serving is
// still on its way, and an index goes only when the role has no right on it
// any more.
func retire(desired stack.Desired, observed stack.Observed, c Context, served bool) []Step {
	table, api := observed.Table, observed.API
	if table == nil || api == nil {
		return nil
	}
	stage, ok := api.Stages[desired.Stage.Name]
	if !ok || !served {
		return nil
	}
	old := oldStages(api, desired.Stage.Name, c)
	steps := retireRole(desired, observed, c, stage, old)
	steps = append(steps, retireKey(desired, observed, c, stage, old)...)
	for _, name := range OldIndexes(table, desired.Table.Indexes) {
		until := indexEnd(stage)
		for _, o := range old { // an older stage may still read it
			if end := stageEnd(stage, o); end.After(until) {
				until = end
			}
		}
		change := Change{Resource: Table, Action: Delete, Field: "indexes." + name, From: name}
		switch {
		case c.Now.Before(until):
			steps = append(steps, Step{Op: WaitGrace, Resource: Table, Target: name, Until: until, Changes: []Change{change},
				Message: fmt.Sprintf("index %s goes after %s, when no reader is served from it", name, until.UTC().Format("15:04:05 UTC"))})
		case len(old) == 0:
			steps = append(steps, Step{Op: DeleteIndex, Resource: Table, Target: name, IdleTable: true, Changes: []Change{change}})
		}
	}
	for _, o := range old {
		change := Change{Resource: Stage, Action: Delete, From: o.Name}
		if until := stageEnd(stage, o); c.Now.Before(until) {
			steps = append(steps, Step{Op: WaitGrace, Resource: Stage, Target: o.Name, Until: until, Changes: []Change{change},
				Message: fmt.Sprintf("stage %s goes after %s; move its readers to stage %s", o.Name, until.UTC().Format("15:04:05 UTC"), desired.Stage.Name)})
			continue
		}
		steps = append(steps, Step{Op: DeleteStage, Resource: Stage, Target: o.Name, Changes: []Change{change}})
	}
	return steps
}

// retireRole plans the end of a moderator's role that no call needs any more.
// One that isn't this object's is left alone.
func retireRole(desired stack.Desired, observed stack.Observed, c Context, stage stack.ObservedStage, old []stack.ObservedStage) []Step {
	role := observed.ModeratorRole
	if desired.ModeratorRole != nil || role == nil || !c.Claim.Relation(role.Tags).Mine() {
		return nil
	}
	until := indexEnd(stage)
	for _, o := range old {
		if end := stageEnd(stage, o); end.After(until) {
			until = end
		}
	}
	change := Change{Resource: ModeratorRole, Action: Delete, From: role.Name}
	switch {
	case c.Now.Before(until):
		return []Step{{Op: WaitGrace, Resource: ModeratorRole, Target: role.Name, Until: until, Changes: []Change{change},
			Message: fmt.Sprintf("role %s goes after %s, when no call uses it", role.Name, until.UTC().Format("15:04:05 UTC"))}}
	case len(old) == 0:
		return []Step{{Op: DeleteRole, Resource: ModeratorRole, Target: role.Name, Changes: []Change{change}}}
	}
	return nil
}

// oldStages returns the object's stages of other names, in order of names.
func oldStages(api *stack.ObservedAPI, name string, c Context) []stack.ObservedStage {
	var old []stack.ObservedStage
	for _, key := range sorted(api.Stages) {
		if s := api.Stages[key]; key != name && c.Claim.Relation(s.Tags).Mine() {
			old = append(old, s)
		}
	}
	return old
}

// stageEnd is when an old stage may go: its time of grace counts from the
// younger of the two, since a stage's name may be given back to an older one.
func stageEnd(current, old stack.ObservedStage) time.Time {
	since := current.Created
	if old.Created.After(since) {
		since = old.Created
	}
	return since.Add(StageGrace + granularity)
}

// indexEnd is when an old index may go: its time of grace counts from the
// stage's last change, which moved the readers.
func indexEnd(current stack.ObservedStage) time.Time {
	return current.Updated.Add(IndexGrace + granularity)
}

// granularity makes times of grace full ones: AWS tells a stage's times in
// whole seconds, up to one too early.
const granularity = time.Second

// OldIndexes returns the names of the operator's own indexes that are not
// wanted any more and not already going. Indexes under other names are
// somebody else's.
func OldIndexes(table *stack.ObservedTable, wanted []stack.Index) []string {
	var names []string
	for _, index := range table.Indexes {
		isWanted := slices.ContainsFunc(wanted, func(w stack.Index) bool { return w.Name == index.Name })
		if !isWanted && stack.OwnIndexName(index.Name) && table.IndexStatus[index.Name] != stack.IndexDeleting {
			names = append(names, index.Name)
		}
	}
	slices.Sort(names)
	return names
}

// ReadersMoved reports whether the stage has served the definition for the
// index's time of grace, and no older stage of the object serves any more, so
// that the role may lose its right on older indexes.
func ReadersMoved(desired stack.Desired, observed stack.Observed, c Context) bool {
	stage, ok := observedStage(observed.API, desired.Stage.Name)
	if !ok || len(oldStages(observed.API, desired.Stage.Name, c)) > 0 {
		return false
	}
	served, known := Served(stage, observed.API, c.Recorded)
	return known && served == desired.DefinitionSHA256 && !c.Now.Before(indexEnd(stage))
}
