// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/plan"
)

// drawing is a tree on its way to the reader.
type drawing struct {
	strings.Builder
	obj   *v1alpha1.CommentsAPI
	paint paint
}

// drawStatus draws an object as a person would:
//
//	default/blog  eu-west-1, account 123456789012
//	✓ Ready   Available
//	✓ Synced  Available
//	├─ ✓ table  blog-comments
//	│     index    pageId-index
//	├─ ✓ role   commentsapi-default-blog-96fe5dae
//	└─ ✓ API    a1b2c3
//	      stage    prod
func drawStatus(obj *v1alpha1.CommentsAPI, p paint) string {
	d := &drawing{obj: obj, paint: p}
	where := obj.Spec.Region
	if obj.Status.AccountID != "" {
		where += ", account " + obj.Status.AccountID
	}
	fmt.Fprintf(d, "%s/%s  %s\n", obj.Namespace, obj.Name, p.in(faint, where))
	if len(obj.Status.Conditions) == 0 {
		fmt.Fprintf(d, "%s the operator has not looked at it yet; does it run?\n", p.mark(metav1.ConditionUnknown))
		return d.String()
	}
	d.summary(v1alpha1.ConditionReady)
	d.summary(v1alpha1.ConditionSynced)
	d.resources()
	d.trouble()
	d.pending()
	return d.String()
}

func (d *drawing) condition(kind string) *metav1.Condition {
	if c := meta.FindStatusCondition(d.obj.Status.Conditions, kind); c != nil {
		return c
	}
	return &metav1.Condition{Type: kind, Status: metav1.ConditionUnknown}
}

func (d *drawing) summary(kind string) {
	c := d.condition(kind)
	fmt.Fprintf(d, "%s %-7s %s\n", d.paint.mark(c.Status), kind, c.Reason)
}

// branch draws one resource with its details, each a name and a value; a
// detail without a value is left out.
func (d *drawing) branch(last bool, kind, word, name string, details ...string) {
	c := d.condition(kind)
	twig, trunk := "├─", "│ "
	if last {
		twig, trunk = "└─", "  "
	}
	if name == "" {
		name = "(none yet)"
	}
	state := ""
	if c.Status != metav1.ConditionTrue && c.Reason != "" {
		state = "  " + d.paint.in(yellow, c.Reason)
	}
	fmt.Fprintf(d, "%s %s %-5s  %s%s\n", twig, d.paint.mark(c.Status), word, name, state)
	for i := 0; i+1 < len(details); i += 2 {
		if details[i+1] != "" {
			fmt.Fprintf(d, "%s     %-11s %s\n", trunk, details[i], details[i+1])
		}
	}
}

func (d *drawing) resources() {
	s := d.obj.Status
	var index, backups string
	if s.Table != nil {
		index, backups = s.Table.IndexName, string(s.Table.PointInTimeRecovery)
	}
	d.branch(false, v1alpha1.ConditionTableReady, "table", d.obj.Spec.TableName, "index", index, "backups", strings.ToLower(backups))
	role := ""
	if s.Role != nil {
		role = s.Role.ARN[strings.LastIndex(s.Role.ARN, "/")+1:]
	}
	d.branch(false, v1alpha1.ConditionRoleReady, "role", role)
	var id, deployment, stage string
	if s.RestAPI != nil {
		id, deployment = s.RestAPI.ID, s.RestAPI.DeploymentID
	}
	if s.Stage != nil {
		stage = s.Stage.Name
	}
	var key, usage string
	if s.APIKey != nil {
		key = s.APIKey.ID
	}
	if s.UsagePlan != nil {
		usage = s.UsagePlan.ID
	}
	d.branch(true, v1alpha1.ConditionAPIReady, "API", id, "stage", stage, "deployment", deployment, "URL", s.InvokeURL, "key id", key, "usage plan", usage)
}

// trouble says what stands in the way, in the words of the condition that
// says most.
func (d *drawing) trouble() {
	for _, kind := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling} {
		c := meta.FindStatusCondition(d.obj.Status.Conditions, kind)
		if c == nil || c.Status != metav1.ConditionTrue {
			continue
		}
		colour, words := yellow, "under way"
		if kind == v1alpha1.ConditionStalled {
			colour, words = red, "a person is needed"
		}
		fmt.Fprintf(d, "\n%s\n  %s\n", d.paint.in(colour, c.Reason+", "+words+":"), c.Message)
		if kind == v1alpha1.ConditionStalled {
			fmt.Fprintf(d, "  %s\n", d.paint.in(faint, "see docs/troubleshooting.md#"+strings.ToLower(c.Reason)))
		}
		return
	}
}

func (d *drawing) pending() {
	if len(d.obj.Status.Plan) == 0 {
		return
	}
	fmt.Fprintf(d, "\nstill to be changed:\n")
	for _, c := range d.obj.Status.Plan {
		describeChange(&d.Builder, plan.Change{Resource: plan.Resource(c.Resource), Action: plan.Action(c.Action), Field: c.Field, From: c.From, To: c.To}, d.paint)
	}
}
