// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
)

// readers are the stages of the object's REST APIs, by API id and name, and
// whether they answer.
type readers struct {
	now map[string]bool
	// soon is what they will answer once IAM has told all of AWS; known around
	// calls to IAM only.
	soon map[string]bool
}

// readers asks every stage of the object's APIs for a page of comments.
func (w *world) readers(a account, op string) readers {
	r := readers{now: w.served(a)}
	if strings.HasPrefix(op, "iam.") {
		nature := w.aws.Env().Nature()
		spread := nature
		spread.Delays.RoleAssumable = core.Duration(0)
		w.aws.Env().SetNature(spread)
		r.soon = w.served(a)
		w.aws.Env().SetNature(nature)
	}
	return r
}

func (w *world) served(a account) map[string]bool {
	out := map[string]bool{}
	for _, id := range a.claimedAPIs() {
		for name := range a.apis[id].Stages {
			out[id+"/"+name] = w.get(id, name)
		}
	}
	return out
}

func (w *world) get(id, stage string) bool {
	req := must(http.NewRequest(http.MethodGet, endpoint+"/execute-api/"+id+"/"+stage+"/comments/page", nil))
	resp := serve(w.aws, req)
	body := readBody(resp)
	return resp.StatusCode == http.StatusOK && (w.comments == 0 || strings.Contains(string(body), commentCanary))
}

// checkReaders checks that a write of the operator takes nothing away from
// clients that were served right before it, at once or when IAM has spread it.
func (v *invariants) checkReaders(w *world, past account, op string) {
	o := w.live()
	if o == nil || !o.DeletionTimestamp.IsZero() || w.traits&(skewed|userDeletes) != 0 {
		return
	}
	have := w.readers(v.now, op)
	for stage, served := range v.serving.now {
		if served && !have.now[stage] || v.serving.soon[stage] && !have.soon[stage] {
			v.lost(w, past, stage, op)
		}
	}
}

// lost says that a stage was taken away, unless it is an old one whose time of
// grace is over.
func (v *invariants) lost(w *world, past account, stage, op string) {
	wanted := w.live().Spec.Stage
	id, name, _ := strings.Cut(stage, "/")
	api, there := v.now.apis[id]
	if _, kept := api.Stages[name]; there && !kept && name != wanted {
		current, ok := past.apis[id].Stages[wanted]
		if ok && time.Since(time.Unix(current.CreatedDate, 0)) >= stageGrace {
			return
		}
	}
	w.violate("clients of stage %s lose service by %s", name, op)
}

var indexName = regexp.MustCompile(`pageId-index(-[0-9a-f]{8})?`)

// checkIndexes checks that an index outlives its readers: AWS moves them to a
// new deployment a while after the stage was pointed at it.
func (v *invariants) checkIndexes(w *world, past account, op string) {
	for _, id := range past.claimedAPIs() {
		api := past.apis[id]
		for _, stage := range api.Stages {
			if d := api.Deployments[stage.DeploymentID]; d != nil {
				for _, name := range indexName.FindAllString(string(must(json.Marshal(d.Snapshot))), -1) {
					v.used[name] = time.Now()
				}
			}
		}
	}
	if o := w.live(); o == nil || !o.DeletionTimestamp.IsZero() || w.traits&(skewed|userDeletes) != 0 {
		return
	}
	had, have := usable(past), usable(v.now)
	for name, at := range v.used {
		if time.Since(at) >= indexGrace {
			continue
		}
		for way := range had[name] {
			if !have[name][way] {
				w.violate("index %s loses its %s by %s, %s after readers were led to it", name, way, op, time.Since(at))
			}
		}
	}
}

// usable says what readers of each index need and have: the index, and a role
// that may query it.
func usable(a account) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	add := func(index, way string) {
		if out[index] == nil {
			out[index] = map[string]bool{}
		}
		out[index][way] = true
	}
	for _, t := range a.tables {
		if claimed(t.Tags) {
			for _, name := range indexes(t) {
				add(name, "data")
			}
		}
	}
	for _, r := range a.roles {
		if claimed(r.Tags) {
			for _, name := range indexName.FindAllString(string(must(json.Marshal(r))), -1) {
				add(name, "right")
			}
		}
	}
	return out
}

// indexes are the names of a table's indexes that can be read.
func indexes(t dynamodb.TableSnapshot) (names []string) {
	var d struct {
		GlobalSecondaryIndexes []struct{ IndexName, IndexStatus string }
	}
	_ = json.Unmarshal(must(json.Marshal(t.Table)), &d) // none, then
	for _, index := range d.GlobalSecondaryIndexes {
		if index.IndexStatus == "ACTIVE" || index.IndexStatus == "UPDATING" {
			names = append(names, index.IndexName)
		}
	}
	return names
}
