// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"slices"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	pathModeration = "/moderation"
	pathPending    = "/moderation/pending"
	pathDecision   = "/moderation/{commentId}"
	pathApprove    = "/moderation/{commentId}/approve"
	pathReject     = "/moderation/{commentId}/reject"
	pathComment    = "/comments/{pageId}/{commentId}"

	paramComment = "method.request.path.commentId"
)

func moderated(spec v1alpha1.CommentsAPISpec) bool {
	return spec.Comments.Moderation == v1alpha1.ModerationBeforeListing
}

func deletable(spec v1alpha1.CommentsAPISpec) bool { return spec.Comments.Deletion == v1alpha1.Enabled }

// NeedsModeratorRole reports whether some call of the spec's API runs under the
// moderator's role.
func NeedsModeratorRole(spec v1alpha1.CommentsAPISpec) bool {
	return moderated(spec) || deletable(spec)
}

// pendingIndex is the index that lists what waits for a moderator.
func pendingIndex(facts stack.Facts) stack.Index {
	index := stack.Index{Name: facts.PendingIndexName, Shape: facts.PendingIndexShape}
	if index.Name == "" {
		index.Name = stack.PendingIndexBaseName
	}
	if index.Shape.HashKey == "" {
		index.Shape = PendingIndexShape()
	}
	return index
}

// moderatorRole is what API Gateway assumes for moderators' calls and for
// deletions, apart from the public role, so that no mistake in a public method
// can change or remove a comment. It can't put items, nor read what is listed.
// While moderation is on its way out it keeps its rights as long as the index of
// what waits is there to be read. It is nil when no call needs it.
func moderatorRole(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (*stack.Role, error) {
	if !NeedsModeratorRole(spec) {
		return nil, nil
	}
	retiring := slices.ContainsFunc(facts.RetiringIndexes, stack.PendingIndexName)
	table := []string{arns(spec, facts).Table(spec.TableName)}
	may := []statement{{Sid: "DeleteComments", Effect: "Allow", Action: []string{"dynamodb:DeleteItem"}, Resource: table}}
	if moderated(spec) || retiring {
		may = append(may,
			statement{Sid: "ApproveComments", Effect: "Allow", Action: []string{"dynamodb:UpdateItem"}, Resource: table},
			statement{Sid: "ListPendingComments", Effect: "Allow", Action: []string{"dynamodb:Query"},
				Resource: indexARNs(spec, facts, pendingIndex(facts).Name, true)})
	}
	role, err := gatewayRole(spec, facts, stack.Role{
		Name:        stack.ModeratorRoleName(facts.Claim, spec.Region),
		Path:        moderatorRolePath(facts),
		Description: "Lets API Gateway approve, reject and delete the comments of CommentsAPI " + stack.APIName(facts.Claim) + ".",
	}, may)
	return &role, err
}

func moderatorRolePath(facts stack.Facts) string {
	if facts.ModeratorRolePath != "" {
		return facts.ModeratorRolePath
	}
	return facts.RolePath
}

// moderate adds the calls of moderators. API Gateway lets only signed requests
// through, of callers whose IAM policies allow the call.
func moderate(d *stack.Definition, spec v1alpha1.CommentsAPISpec, facts stack.Facts, texts templateTexts) {
	if moderated(spec) {
		d.Paths = append(d.Paths, pathModeration, pathPending, pathDecision, pathApprove, pathReject)
		pending := moderatorMethod(spec, facts, "Query", texts[pendingRequest], texts, texts[pendingResponse], texts[refusedResponse])
		pending.RequestParameters = map[string]bool{paramCursor: false, paramLimit: false}
		d.Methods["GET "+pathPending] = pending
		d.Methods["POST "+pathApprove] = decision(spec, facts, "UpdateItem", texts[approveRequest], texts[approvedResponse], texts)
		d.Methods["POST "+pathReject] = decision(spec, facts, "DeleteItem", texts[rejectRequest], texts[rejectedResponse], texts)
	}
	if deletable(spec) {
		d.Paths = append(d.Paths, pathComment)
		remove := decision(spec, facts, "DeleteItem", texts[deleteRequest], texts[deletedResponse], texts)
		remove.RequestParameters[paramPage] = true
		d.Methods["DELETE "+pathComment] = remove
	}
}

// decision is a call about one comment; 404 says that there is none that it
// could be about.
func decision(spec v1alpha1.CommentsAPISpec, facts stack.Facts, action, request, done string, texts templateTexts) stack.Method {
	m := moderatorMethod(spec, facts, action, request, texts, done, texts[absentResponse])
	m.RequestParameters = map[string]bool{paramComment: true}
	m.Responses["404"] = stack.MethodResponse{}
	return m
}

func moderatorMethod(spec v1alpha1.CommentsAPISpec, facts stack.Facts, action, request string, texts templateTexts, done, refused string) stack.Method {
	call := dynamoDB(spec, facts, action, request, texts, map[string]stack.IntegrationResponse{
		"200": respond(patternOK, done),
		"400": respond(patternRefused, refused),
	})
	call.Credentials = arns(spec, facts).Role(moderatorRolePath(facts), stack.ModeratorRoleName(facts.Claim, spec.Region))
	return stack.Method{
		Authorization: authorization(v1alpha1.AuthorizationIAM),
		Validator:     validatorParameters,
		Responses:     answers("200", "400", "500", "503"),
		Integration:   call,
	}
}
