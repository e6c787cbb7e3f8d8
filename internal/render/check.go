// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// What names may look like. The schema says the same of the spec, but a spec
// that is rendered offline never met it, and templates and policies are safe
// only because these alphabets hold nothing that means anything there.
var (
	dynamoDBName = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`) // aws-facts H1
	regionName   = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	stageName    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`) // aws-facts D7
	tagKey       = regexp.MustCompile(`^[A-Za-z0-9 .:+=@_/-]{1,128}$`)
	tagValue     = regexp.MustCompile(`^[A-Za-z0-9 .:+=@_/-]{0,256}$`)
	kmsKeyARN    = regexp.MustCompile(`^arn:(aws[a-z-]*):kms:([a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+$`)
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	partition    = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	dnsSuffix    = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	rolePath     = regexp.MustCompile(`^/([A-Za-z0-9_+=,.@-]+/)*$`)
	policyARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$`)
	claimWord    = regexp.MustCompile(`^[A-Za-z0-9._:/=+@-]{1,253}$`)
	claimName    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

const (
	maxPageSize = 1000 // iterations of a template's loop, aws-facts A3
	maxRate     = 10000
	maxBurst    = 5000
	maxUnits    = 40000
	maxTags     = 40
)

// problems collects what is wrong with the input.
type problems []error

func (p *problems) add(field string, value any, remedy string) {
	*p = append(*p, fmt.Errorf("%s is %q: %s", field, fmt.Sprint(value), remedy))
}

func (p *problems) match(field, value string, pattern *regexp.Regexp, remedy string) {
	if !pattern.MatchString(value) {
		p.add(field, value, remedy)
	}
}

// upTo checks a number from 1 to most.
func (p *problems) upTo(field string, value, most int64) {
	if value < 1 || value > most {
		p.add(field, value, fmt.Sprintf("use a number from 1 to %d", most))
	}
}

func oneOf[T ~string](p *problems, field string, value T, allowed ...T) {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		if value == a {
			return
		}
		names[i] = string(a)
	}
	p.add(field, value, "use one of "+strings.Join(names, ", "))
}

// check returns all that is wrong with a spec, defaults applied, and the facts.
func check(spec v1alpha1.CommentsAPISpec, facts stack.Facts) error {
	var p problems
	checkSpec(&p, spec)
	checkOptions(&p, spec, facts)
	checkTags(&p, spec.Tags)
	checkFacts(&p, facts)
	if m := kmsKeyARN.FindStringSubmatch(spec.Table.KMSKeyARN); m != nil && (m[1] != facts.Partition || m[2] != spec.Region) {
		p.add("spec.table.kmsKeyARN", spec.Table.KMSKeyARN,
			fmt.Sprintf("DynamoDB takes keys of its own region only; use a key in %s (partition %s)", spec.Region, facts.Partition))
	}
	return errors.Join(p...)
}

func checkSpec(p *problems, spec v1alpha1.CommentsAPISpec) {
	p.match("spec.tableName", spec.TableName, dynamoDBName, "use 3 to 255 of the characters a-z, A-Z, 0-9, '_', '-' and '.'")
	p.match("spec.region", spec.Region, regionName, "use an AWS region like eu-west-1")
	p.match("spec.stage", spec.Stage, stageName, "use 1 to 128 of the characters a-z, A-Z, 0-9, '_' and '-'")

	billing := spec.Table.Billing
	oneOf(p, "spec.table.billing.mode", billing.Mode, v1alpha1.OnDemand, v1alpha1.Provisioned)
	switch {
	case billing.Mode == v1alpha1.Provisioned && billing.Provisioned == nil:
		p.add("spec.table.billing.provisioned", "", "mode Provisioned needs readUnits and writeUnits")
	case billing.Mode == v1alpha1.OnDemand && billing.Provisioned != nil:
		p.add("spec.table.billing.mode", billing.Mode, "billing.provisioned goes with mode Provisioned only; remove one of them")
	case billing.Mode == v1alpha1.Provisioned && (billing.MaxReadRequestUnits != nil || billing.MaxWriteRequestUnits != nil):
		p.add("spec.table.billing.mode", billing.Mode, "maxReadRequestUnits and maxWriteRequestUnits cap mode OnDemand; remove them")
	}
	units := map[string]*int64{"maxReadRequestUnits": billing.MaxReadRequestUnits, "maxWriteRequestUnits": billing.MaxWriteRequestUnits}
	if c := billing.Provisioned; c != nil {
		units["provisioned.readUnits"], units["provisioned.writeUnits"] = &c.ReadUnits, &c.WriteUnits
		units["provisioned.indexReadUnits"], units["provisioned.indexWriteUnits"] = c.IndexReadUnits, c.IndexWriteUnits
	}
	for _, field := range sortedKeys(units) {
		if units[field] != nil {
			p.upTo("spec.table.billing."+field, *units[field], maxUnits)
		}
	}

	oneOf(p, "spec.table.pointInTimeRecovery", spec.Table.PointInTimeRecovery, v1alpha1.Enabled, v1alpha1.Disabled)
	oneOf(p, "spec.table.deletionProtection", spec.Table.DeletionProtection, v1alpha1.Enabled, v1alpha1.Disabled)
	oneOf(p, "spec.table.class", spec.Table.Class, v1alpha1.TableClassStandard, v1alpha1.TableClassInfrequentAccess)
	if spec.Table.KMSKeyARN != "" {
		p.match("spec.table.kmsKeyARN", spec.Table.KMSKeyARN, kmsKeyARN, "use the ARN of a key, not of an alias")
	}
	oneOf(p, "spec.api.metrics", spec.API.Metrics, v1alpha1.Enabled, v1alpha1.Disabled)
	oneOf(p, "spec.api.tracing", spec.API.Tracing, v1alpha1.Enabled, v1alpha1.Disabled)
	p.upTo("spec.api.throttling.rate", int64(spec.API.Throttling.Rate), maxRate)
	p.upTo("spec.api.throttling.burst", int64(spec.API.Throttling.Burst), maxBurst)
	oneOf(p, "spec.comments.order", spec.Comments.Order, v1alpha1.OldestFirst, v1alpha1.NewestFirst, v1alpha1.Unordered)
	p.upTo("spec.comments.pageSize", int64(spec.Comments.PageSize), maxPageSize)
}

// checkTags refuses keys that differ in case only: IAM takes them for the same
// (aws-facts G1), and one list of tags goes on every resource.
func checkTags(p *problems, list []v1alpha1.Tag) {
	if len(list) > maxTags {
		p.add("spec.tags", len(list), fmt.Sprintf("use at most %d tags", maxTags))
	}
	seen := map[string]bool{}
	for i, t := range list {
		field := fmt.Sprintf("spec.tags[%d]", i)
		lower := strings.ToLower(t.Key)
		p.match(field+".key", t.Key, tagKey, "use 1 to 128 letters, digits, spaces and . : + = @ _ / -")
		p.match(field+".value", t.Value, tagValue, "use at most 256 letters, digits, spaces and . : + = @ _ / -")
		if strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, stack.TagPrefix) {
			p.add(field+".key", t.Key, "the prefixes aws: and "+stack.TagPrefix+" are reserved; use another key")
		}
		if seen[lower] {
			p.add(field+".key", t.Key, "another tag has this key, and IAM doesn't tell upper from lower case; use each key once")
		}
		seen[lower] = true
	}
}

func checkFacts(p *problems, facts stack.Facts) {
	p.match("account ID", facts.AccountID, accountID, "use the 12 digits of the AWS account")
	p.match("partition", facts.Partition, partition, "use aws, aws-cn, aws-us-gov or another AWS partition")
	p.match("DNS suffix", facts.DNSSuffix, dnsSuffix, "use the partition's, for example amazonaws.com")
	p.match("index name", facts.IndexName, dynamoDBName, "use the table's index that lists comments, or "+stack.IndexBaseName+" for a new table")
	if facts.PendingIndexName != "" {
		p.match("pending index name", facts.PendingIndexName, dynamoDBName, "use the table's index that lists what waits for a moderator, or none for a new one")
	}
	for _, name := range facts.RetiringIndexes {
		p.match("retiring index name", name, dynamoDBName, "use the name of an index of the table")
	}
	if len(facts.RolePath) > 512 {
		p.add("role path", facts.RolePath, "use at most 512 characters")
	}
	p.match("role path", facts.RolePath, rolePath, "use a path that begins and ends with '/', for example /commentsapi/")
	p.match("moderator role path", moderatorRolePath(facts), rolePath, "use a path that begins and ends with '/', for example /commentsapi/")
	if facts.PermissionsBoundary != "" {
		p.match("permissions boundary", facts.PermissionsBoundary, policyARN, "use the ARN of a managed policy, or none")
	}
	// Half a claim would be taken for somebody else's.
	p.match("claim cluster id", facts.Claim.ClusterID, claimWord, "set the cluster id")
	p.match("claim namespace", facts.Claim.Namespace, claimName, "use the object's namespace")
	p.match("claim namespace uid", facts.Claim.NamespaceUID, claimWord, "use the uid of the object's namespace")
	p.match("claim name", facts.Claim.Name, claimName, "use the object's name")
	p.match("claim uid", facts.Claim.UID, claimWord, "use the object's uid")
}
