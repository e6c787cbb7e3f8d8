// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// The calls that prove an API before it is deployed: they only read. The first
// reads a page that no website has; the second, where moderators have calls,
// what waits for them.
const (
	probeMethod = "GET"
	probePath   = "/comments/{pageId}"
	probeURL    = "/comments/commentsapi-probe"
	pendingPath = "/moderation/pending"
	pendingURL  = "/moderation/pending?limit=1"
)

// deploymentsKept is how many of its own deployments the operator keeps: the
// one that serves and the one before, for a way back.
const deploymentsKept = 2

// deploy provides a deployment of the desired definition. The working copy was
// read and found equal before this step is reached. One that exists already is
// taken: AWS has no token for this call either, and a lost answer leaves a
// deployment that its description finds. A new one is not used before the
// working copy was read once more and found still equal: nobody changed it
// while the deployment took its snapshot.
func (r *Run) deploy(ctx context.Context) (verdict, error) {
	api := r.Observed.API
	deployments := api.Deployments
	if !r.Observed.Parts.Has(stack.PartDeployments) {
		var err error
		if deployments, err = r.Cloud.deployments(ctx, api.ID); err != nil {
			return next, err
		}
		api.Deployments = deployments
	}
	if id := r.deploymentOf(deployments); id != "" {
		r.deploymentID = id
		return next, nil
	}
	if r.Probe {
		if reason, err := r.Cloud.Probe(ctx, api, r.Desired.Stack); err != nil {
			return next, err
		} else if reason != "" {
			r.wait("ProbeFailed", reason, pollProbe)
			return waiting, nil
		}
	}
	out, err := r.Cloud.APIs.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{
		RestApiId:   &api.ID,
		Description: aws.String(stack.DeploymentDescription(r.Desired.DefinitionSHA256)),
	}, awscloud.NoRetryAPIGateway)
	if err != nil {
		return next, err
	}
	r.deploymentID = aws.ToString(out.Id)
	return prove, nil
}

// proven reads the working copy again and reports whether it is as desired,
// all of it. If it is not, or is not yet, the next look plans afresh.
func (r *Run) proven(ctx context.Context) (bool, error) {
	api, err := r.Cloud.reread(ctx, r.Identity, r.Observed.API)
	if err != nil || api == nil {
		return false, err
	}
	r.Observed.API = api
	return r.Identity.Claim.Relation(api.Tags).Mine() && plan.WorkingCopyAsDesired(r.Desired.API, api), nil
}

// deploymentOf returns the id of a deployment of the desired definition, the
// recorded one if it is among them, else the newest.
func (r *Run) deploymentOf(deployments []stack.Deployment) string {
	var found stack.Deployment
	for _, d := range deployments {
		sha, ours := stack.DeploymentDefinition(d.Description)
		if !ours || sha != r.Desired.DefinitionSHA256 {
			continue
		}
		if d.ID == r.Identity.Recorded.DeploymentID {
			return d.ID
		}
		if found.ID == "" || d.Created.After(found.Created) {
			found = d
		}
	}
	return found.ID
}

// Probe runs the working copy's list method, and the moderators' where there
// is one. It is how IAM's delay in spreading a new role is waited out
// (aws-facts G4), and it proves roles, indexes and templates before any reader
// meets them. The text says what is wrong.
func (c Cloud) Probe(ctx context.Context, api *stack.ObservedAPI, want stack.Stack) (string, error) {
	if _, ok := api.ResourceIDs[probePath]; !ok {
		return "", fmt.Errorf("REST API %s has no resource %s", api.ID, probePath)
	}
	reason, err := c.probe(ctx, api, probePath, probeURL, want.Role.Name)
	if reason != "" || err != nil || want.ModeratorRole == nil || api.ResourceIDs[pendingPath] == "" {
		return reason, err
	}
	return c.probe(ctx, api, pendingPath, pendingURL, want.ModeratorRole.Name)
}

func (c Cloud) probe(ctx context.Context, api *stack.ObservedAPI, path, url, role string) (string, error) {
	out, err := c.APIs.TestInvokeMethod(ctx, &apigateway.TestInvokeMethodInput{
		RestApiId: &api.ID, ResourceId: aws.String(api.ResourceIDs[path]), HttpMethod: aws.String(probeMethod),
		PathWithQueryString: &url})
	if err != nil {
		return "", err
	}
	if out.Status == 200 {
		return "", nil
	}
	hint := "AWS may take up to a minute to spread a new role"
	if assumeRefused.MatchString(aws.ToString(out.Log)) {
		hint = fmt.Sprintf("API Gateway may not assume role %s yet, which AWS can take a minute to spread", role)
	}
	return fmt.Sprintf("a test call of %s %s answers %d; %s; it is repeated until it answers 200", probeMethod, path, out.Status, hint), nil
}

// assumeRefused recognises in a test call's log that the role can't be assumed
// (aws-facts F3).
var assumeRefused = regexp.MustCompile(`(?i)permission to (perform|assume)|assume (the )?role`)

// prune deletes the operator's own deployments but the newest few. Nobody is
// served from them; what can't be deleted now is met again at the next change.
func (r *Run) prune(ctx context.Context) {
	api := r.Observed.API
	own := slices.DeleteFunc(slices.Clone(api.Deployments), func(d stack.Deployment) bool {
		_, ours := stack.DeploymentDefinition(d.Description)
		return !ours || d.ID == r.deploymentID
	})
	slices.SortFunc(own, func(a, b stack.Deployment) int { return b.Created.Compare(a.Created) })
	for _, d := range own[min(len(own), deploymentsKept-1):] {
		if staged(api, d.ID) {
			continue
		}
		if err := r.deleteDeployment(ctx, api.ID, d.ID); err != nil {
			return
		}
	}
}
