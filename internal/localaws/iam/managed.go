// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"net/http"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/query"
)

// managedPolicy is a customer managed policy with its only version, v1.
type managedPolicy struct {
	ARN, Name, Path, ID string
	Description         string
	Document            document
	Created             time.Time
	Tags                []query.Tag
}

type policyXML struct {
	PolicyName       string
	PolicyID         string `xml:"PolicyId"`
	ARN              string `xml:"Arn"`
	Path             string
	DefaultVersionID string `xml:"DefaultVersionId"`
	AttachmentCount  int
	BoundaryCount    int `xml:"PermissionsBoundaryUsageCount"`
	IsAttachable     bool
	Description      string `xml:",omitempty"`
	CreateDate       string
	UpdateDate       string
	Tags             *members[query.Tag] `xml:",omitempty"`
}

// awsManaged are the policies of AWS that people attach to try things out;
// their documents grant what the real ones grant of the services here.
var awsManaged = map[string]document{
	"AdministratorAccess":              awsDocument("*"),
	"IAMFullAccess":                    awsDocument("iam:*"),
	"AmazonDynamoDBFullAccess":         awsDocument("dynamodb:*"),
	"AmazonDynamoDBReadOnlyAccess":     awsDocument("dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:List*", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"),
	"AmazonAPIGatewayAdministrator":    awsDocument("apigateway:*"),
	"AmazonAPIGatewayInvokeFullAccess": awsDocument("execute-api:Invoke", "execute-api:ManageConnections"),
	"service-role/AmazonAPIGatewayPushToCloudWatchLogs": awsDocument("logs:CreateLogGroup", "logs:CreateLogStream",
		"logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents"),
}

func awsDocument(actions ...string) document {
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` +
		strings.Join(actions, `","`) + `"],"Resource":"*"}]}`
	return document{text: text, parsed: &policy.Document{Version: "2012-10-17", Statements: []policy.Statement{
		{Allow: true, Action: actions, Resource: []string{"*"}},
	}}}
}

// managed finds a managed policy by ARN, as seen by a read that trails by
// lag.
func (s *Service) managed(arn string, lag time.Duration) (*managedPolicy, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "policy/") {
		return nil, false
	}
	if parts[4] == "aws" {
		rest := strings.TrimPrefix(parts[5], "policy/")
		doc, ok := awsManaged[rest]
		name := lastSegment(rest)
		return &managedPolicy{
			ARN: arn, Name: name, Path: "/" + strings.TrimSuffix(rest, name), ID: "ANPALOCAL" + strings.ToUpper(name),
			Document: doc, Created: time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC),
		}, ok
	}
	p, ok := s.policies.Visible(parts[1]+"/"+parts[4]+"/"+strings.ToLower(lastSegment(parts[5])), lag)
	if !ok || p.ARN != arn {
		return nil, false
	}
	return p, true
}

func noPolicy(arn string) error {
	return query.Errorf(http.StatusNotFound, "NoSuchEntity", "Policy %s was not found.", arn)
}

func (s *Service) createPolicy(c call) (any, error) {
	p := &managedPolicy{ID: newUniqueID("ANPA"), Created: s.env.Now()}
	var err error
	if p.Name, err = c.policyName(); err != nil {
		return nil, err
	}
	if p.Path, err = c.path(); err != nil {
		return nil, err
	}
	if p.Description, err = c.description(); err != nil {
		return nil, err
	}
	text, err := c.document("PolicyDocument")
	if err != nil {
		return nil, err
	}
	if weight(text) > maxManagedChars {
		return nil, query.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PolicySize: %d", maxManagedChars)
	}
	parsed, err := policy.Parse(text, policy.Identity)
	if err != nil {
		return nil, malformed(err)
	}
	p.Document = document{text: text, parsed: parsed}
	if p.Tags, err = mergeTags(nil, c.Params.Tags("Tags")); err != nil {
		return nil, err
	}
	p.ARN = c.arn("policy" + p.Path + p.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.policies.Latest(c.key(p.Name)); exists {
		return nil, query.Errorf(http.StatusConflict, "EntityAlreadyExists",
			"A policy called %s already exists. Duplicate names are not allowed.", p.Name)
	}
	s.policies.Put(c.key(p.Name), p)
	return struct{ Policy policyXML }{s.describePolicy(c, p)}, nil
}

func (s *Service) describePolicy(c call, p *managedPolicy) policyXML {
	x := policyXML{
		PolicyName: p.Name, PolicyID: p.ID, ARN: p.ARN, Path: p.Path, DefaultVersionID: "v1", IsAttachable: true,
		Description: p.Description, CreateDate: stamp(p.Created), UpdateDate: stamp(p.Created),
	}
	x.AttachmentCount, x.BoundaryCount = s.uses(c, p.ARN)
	if len(p.Tags) > 0 {
		x.Tags = &members[query.Tag]{p.Tags}
	}
	return x
}

// uses counts the roles a policy is attached to and those it bounds.
func (s *Service) uses(c call, arn string) (attached, bounds int) {
	for _, key := range s.accountRoles(c, 0) {
		r, ok := s.roles.Latest(key)
		if !ok {
			continue
		}
		for _, a := range r.Attached {
			if a == arn {
				attached++
			}
		}
		if r.Boundary == arn {
			bounds++
		}
	}
	return attached, bounds
}

func (s *Service) visiblePolicy(c call) (*managedPolicy, error) {
	arn := c.Get("PolicyArn")
	if arn == "" {
		return nil, missing("policyArn")
	}
	p, ok := s.managed(arn, s.env.Lag("iam"))
	if !ok || !ownPolicy(c, arn) {
		return nil, noPolicy(arn)
	}
	return p, nil
}

func (s *Service) getPolicy(c call) (any, error) {
	p, err := s.visiblePolicy(c)
	if err != nil {
		return nil, err
	}
	return struct{ Policy policyXML }{s.describePolicy(c, p)}, nil
}

func (s *Service) getPolicyVersion(c call) (any, error) {
	p, err := s.visiblePolicy(c)
	if err != nil {
		return nil, err
	}
	if v := c.Get("VersionId"); v != "v1" {
		return nil, query.Errorf(http.StatusNotFound, "NoSuchEntity", "Policy %s version %s does not exist or is not attachable.", p.ARN, v)
	}
	type versionXML struct {
		Document         string
		VersionID        string `xml:"VersionId"`
		IsDefaultVersion bool
		CreateDate       string
	}
	return struct{ PolicyVersion versionXML }{versionXML{encode(p.Document.text), "v1", true, stamp(p.Created)}}, nil
}

func (s *Service) deletePolicy(c call) (any, error) {
	arn := c.Get("PolicyArn")
	if arn == "" {
		return nil, missing("policyArn")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.managed(arn, 0)
	if !ok || !strings.HasPrefix(arn, c.arn("policy/")) {
		return nil, noPolicy(arn)
	}
	if attached, bounds := s.uses(c, arn); attached+bounds > 0 {
		return nil, query.Errorf(http.StatusConflict, "DeleteConflict", "Cannot delete a policy attached to entities.")
	}
	s.policies.Delete(c.key(p.Name))
	return nil, nil
}

func (s *Service) listPolicies(c call) (any, error) {
	var all []*managedPolicy
	scope := c.Get("Scope")
	lag := s.env.Lag("iam")
	for _, key := range withPrefix(s.policies.Keys(lag), c.account()) {
		if p, ok := s.policies.Visible(key, lag); ok && scope != "AWS" && strings.HasPrefix(p.Path, c.Get("PathPrefix")) {
			all = append(all, p)
		}
	}
	p, items, err := paginate(c, all, func(p *managedPolicy) string { return strings.ToLower(p.Name) })
	if err != nil {
		return nil, err
	}
	out := struct {
		Policies members[policyXML]
		page
	}{page: p}
	for _, item := range items {
		x := s.describePolicy(c, item)
		x.Tags, x.Description = nil, ""
		out.Policies.Members = append(out.Policies.Members, x)
	}
	return out, nil
}
