// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
	localiam "github.com/commentsapi/operator/internal/localaws/iam"
)

// account is everything the local AWS holds, without any lag.
type account struct {
	tables map[string]dynamodb.TableSnapshot
	roles  map[string]localiam.RoleDump // by name
	apis   map[string]restAPI           // by id
	keys   map[string]model.APIKey      // by id
	plans  map[string]model.UsagePlan   // by id
}

// restAPI is one REST API with all that hangs on it.
type restAPI struct {
	API         model.RestAPI
	Deployments map[string]*model.Deployment
	Stages      map[string]*model.Stage
	// dump is the whole of it.
	dump any
}

func (w *world) account() account {
	a := account{map[string]dynamodb.TableSnapshot{}, map[string]localiam.RoleDump{}, map[string]restAPI{}, map[string]model.APIKey{}, map[string]model.UsagePlan{}}
	all := w.aws.Snapshot()
	for _, t := range all["dynamodb"].([]dynamodb.TableSnapshot) {
		a.tables[t.Name] = t
	}
	for _, one := range all["iam"].(map[string]*localiam.AccountDump) {
		for _, r := range one.Roles {
			a.roles[r.ARN[strings.LastIndex(r.ARN, "/")+1:]] = r
		}
	}
	list := reflect.ValueOf(all["apigateway"].(map[string]any)["restApis"])
	for i := range list.Len() {
		v := list.Index(i)
		api := restAPI{dump: v.Interface(),
			API:         v.FieldByName("API").Interface().(model.RestAPI),
			Deployments: v.FieldByName("Deployments").Interface().(map[string]*model.Deployment),
			Stages:      v.FieldByName("Stages").Interface().(map[string]*model.Stage)}
		a.apis[api.API.ID] = api
	}
	for _, k := range all["apigateway"].(map[string]any)["apiKeys"].([]model.APIKey) {
		a.keys[k.ID] = k
	}
	for _, p := range all["apigateway"].(map[string]any)["usagePlans"].([]model.UsagePlan) {
		a.plans[p.ID] = p
	}
	return a
}

// claimed reports whether tags hold a claim of the object, of any incarnation.
func claimed(tags map[string]string) bool {
	return tags["commentsapi.io/cluster"] == cluster && tags["commentsapi.io/namespace"] == namespace &&
		tags["commentsapi.io/namespace-uid"] == "ns-uid" && tags["commentsapi.io/name"] == objectName && tags["commentsapi.io/uid"] != ""
}

// claimedAPIs returns the ids of the object's REST APIs.
func (a account) claimedAPIs() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(a.apis)) {
		if claimed(a.apis[id].API.Tags) {
			ids = append(ids, id)
		}
	}
	return ids
}

// owned names everything that carries a claim of the object.
func (a account) owned() (names []string) {
	for _, id := range a.claimedAPIs() {
		names = append(names, "REST API "+id)
	}
	for _, name := range slices.Sorted(maps.Keys(a.roles)) {
		if claimed(a.roles[name].Tags) {
			names = append(names, "role "+name)
		}
	}
	for _, id := range a.claimedKeys() {
		names = append(names, "API-key "+id)
	}
	for _, id := range a.claimedPlans() {
		names = append(names, "usage-plan "+id)
	}
	for _, name := range slices.Sorted(maps.Keys(a.tables)) {
		if claimed(a.tables[name].Tags) {
			names = append(names, "table "+name)
		}
	}
	return names
}

// status is a table's.
func status(t dynamodb.TableSnapshot) string {
	var d struct{ TableStatus string }
	_ = json.Unmarshal(must(json.Marshal(t.Table)), &d) // no status, then
	return d.TableStatus
}

var (
	moments  = regexp.MustCompile(`"(createdDate|lastUpdatedDate|CreationDateTime|LastUpdateToPayPerRequestDateTime|LatestRestorableDateTime|EarliestRestorableDateTime|LastIncreaseDateTime|LastDecreaseDateTime|LastUpdateDateTime)":[^,}]*`)
	randoms  = regexp.MustCompile(`"(commentsapi\.io/nonce|TableId|id|TableSizeBytes|ItemCount|IndexSizeBytes|itemCount)":[^,}]*`)
	ownIndex = regexp.MustCompile(`pageId-index(-[0-9a-f]{8})?`)
)

// picture is the object's stack with everything that differs from run to run
// replaced by a word: ids, times, the name of the index.
func (a account) picture() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(a.tables)) {
		if t := a.tables[name]; claimed(t.Tags) {
			t.Items = nil
			fmt.Fprintf(&b, "table %s\n", must(json.Marshal(t)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.roles)) {
		if r := a.roles[name]; claimed(r.Tags) {
			fmt.Fprintf(&b, "role %s\n", must(json.Marshal(r)))
		}
	}
	text := b.String()
	for _, id := range a.claimedAPIs() {
		text += "api " + strings.ReplaceAll(a.apis[id].picture(), id, "API") + "\n"
	}
	text += a.keysPicture()
	text = moments.ReplaceAllString(text, `"$1":0`)
	text = randoms.ReplaceAllString(text, `"$1":0`)
	return ownIndex.ReplaceAllString(text, "INDEX")
}

func (api restAPI) picture() string {
	var all map[string]any
	text := string(must(json.Marshal(api.dump)))
	_ = json.Unmarshal([]byte(text), &all)
	// Old deployments may stay, or not: nobody is served from them.
	delete(all, "deployments")
	words := map[string]string{}
	name := func(v any, id, word string) {
		if m, ok := v.(map[string]any); ok {
			if key, ok := m[id].(string); ok && key != "" {
				words[key] = word + " " + fmt.Sprint(m[word])
			}
		}
	}
	if list, ok := all["resources"].([]any); ok {
		for _, r := range list {
			name(r, "id", "path")
		}
	}
	for _, kind := range []string{"requestValidators", "models"} {
		if m, ok := all[kind].(map[string]any); ok {
			named := map[string]any{}
			for _, v := range m {
				name(v, "id", "name")
				named[fmt.Sprint(v.(map[string]any)["name"])] = v
			}
			all[kind] = named
		}
	}
	for id, d := range api.Deployments {
		words[id] = "deployment " + d.Description
	}
	out := string(must(json.Marshal(all)))
	for _, id := range slices.Sorted(maps.Keys(words)) {
		out = strings.ReplaceAll(out, id, words[id])
	}
	return out
}
