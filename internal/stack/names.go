// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// The names that new indexes take when they are free: of the one that lists
// comments, and of the one that lists those that wait for a moderator.
const (
	IndexBaseName        = "pageId-index"
	PendingIndexBaseName = "pending-index"
)

// maxRoleName is IAM's limit on role names (aws-facts G1).
const maxRoleName = 64

var (
	ownIndexName     = regexp.MustCompile(`^(pageId|pending)-index(-[0-9a-f]{8})?$`)
	pendingIndexName = regexp.MustCompile(`^pending-index(-[0-9a-f]{8})?$`)
)

// OwnIndexName reports whether the operator gives an index this name. An index
// with another name is somebody else's and left alone.
func OwnIndexName(name string) bool { return ownIndexName.MatchString(name) }

// PendingIndexName reports whether an index of this name is one of the
// operator's that list what waits for a moderator.
func PendingIndexName(name string) bool { return pendingIndexName.MatchString(name) }

// RoleName is the name of an object's role: readable, unique through a hash of
// what identifies the object, at most 64 characters. IAM role names are unique
// per account without regard to case (aws-facts G1), hence the hash.
func RoleName(c Claim, region string) string { return roleName(c, region, "-") }

// ModeratorRoleName is the name of the role behind an object's moderators'
// calls.
func ModeratorRoleName(c Claim, region string) string { return roleName(c, region, "-moderator-") }

func roleName(c Claim, region, kind string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.ClusterID, c.Namespace, c.Name, region}, "/")))
	suffix := kind + hex.EncodeToString(sum[:4])
	name := "commentsapi-" + c.Namespace + "-" + c.Name
	if limit := maxRoleName - len(suffix); len(name) > limit {
		name = name[:limit]
	}
	return name + suffix
}

// APIName is the title of an object's REST API; not an identity, since API
// Gateway's names are not unique (aws-facts A4).
func APIName(c Claim) string { return c.Namespace + "/" + c.Name }

// Hash returns the first 8 hexadecimal digits of the shape's SHA-256.
func (s IndexShape) Hash() string {
	projected := "ALL"
	if !s.ProjectAll {
		projected = strings.Join(s.Projected, ",")
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{s.HashKey, s.RangeKey, projected}, "|")))
	return hex.EncodeToString(sum[:4])
}

// Serves reports whether an index of this shape can serve where the wanted one
// is asked for: the same keys, and at least its projection.
func (s IndexShape) Serves(want IndexShape) bool {
	if s.HashKey != want.HashKey || s.RangeKey != want.RangeKey {
		return false
	}
	if s.ProjectAll {
		return true
	}
	if want.ProjectAll {
		return false
	}
	has := map[string]bool{}
	for _, a := range s.Projected {
		has[a] = true
	}
	for _, a := range want.Projected {
		if !has[a] {
			return false
		}
	}
	return true
}

// deploymentPrefix begins the description of every deployment the operator
// makes.
const deploymentPrefix = "commentsapi.io definition "

// DeploymentDescription marks a deployment with the definition it was made of.
func DeploymentDescription(definitionSHA256 string) string {
	return deploymentPrefix + definitionSHA256
}

// DeploymentDefinition returns the hash in a deployment's description, and
// whether the operator made the deployment.
func DeploymentDefinition(description string) (string, bool) {
	return strings.CutPrefix(description, deploymentPrefix)
}

// ARN builds the names of a stack's resources in one account and region.
type ARN struct {
	Partition, Region, AccountID string
}

// Table is the ARN of a DynamoDB table.
func (a ARN) Table(name string) string {
	return fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", a.Partition, a.Region, a.AccountID, name)
}

// Index is the ARN of a table's index; the table's ARN does not cover it
// (aws-facts G6).
func (a ARN) Index(table, index string) string { return a.Table(table) + "/index/" + index }

// Role is the ARN of an IAM role; path begins and ends with a slash.
func (a ARN) Role(path, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", a.Partition, a.AccountID, path, name)
}

// DynamoDBAction is the URI of an integration that calls a DynamoDB action
// (aws-facts B4).
func (a ARN) DynamoDBAction(action string) string {
	return fmt.Sprintf("arn:%s:apigateway:%s:dynamodb:action/%s", a.Partition, a.Region, action)
}

// OwnExecuteAPI is how a resource policy names the API it belongs to; API
// Gateway reports it as ExecuteAPI (aws-facts B4).
const OwnExecuteAPI = "execute-api:/"

// ExecuteAPI is the beginning of the ARNs of an API's calls (aws-facts C4).
func (a ARN) ExecuteAPI(apiID string) string {
	return fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/", a.Partition, a.Region, a.AccountID, apiID)
}

// RestAPI is the ARN of a REST API; its account field is empty (aws-facts C4).
func (a ARN) RestAPI(id string) string { return a.gateway("/restapis/" + id) }

// Stage is the ARN of a stage (aws-facts C4).
func (a ARN) Stage(apiID, name string) string { return a.RestAPI(apiID) + "/stages/" + name }
