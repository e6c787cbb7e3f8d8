// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
)

// message words the evidence for a user of kubectl: one sentence, no request
// ids, no times, so that a status that carries it settles.
func message(e evidence) string {
	s := sentence(e)
	return strings.ToUpper(s[:1]) + s[1:]
}

func sentence(e evidence) string {
	switch e.class {
	case NotFound:
		return fmt.Sprintf("%s does not exist: %s.", e.thing(), e.answer())
	case AlreadyExists:
		return fmt.Sprintf("%s already exists: %s.", e.thing(), e.answer())
	case Busy:
		return fmt.Sprintf("%s is busy with another change: %s; trying again soon.", e.thing(), e.answer())
	case Throttled:
		return fmt.Sprintf("AWS refused %s because of too many requests in the account (%s); trying again later.", e.subject(), e.codeOrStatus())
	case Paced:
		return fmt.Sprintf("%s waits for its turn within AWS's request quota of %s per account.", e.subject(), e.paced.Quota)
	case Transient:
		return fmt.Sprintf("%s failed: %s; trying again.", e.subject(), e.mishap())
	case Unreachable:
		return fmt.Sprintf("The AWS endpoint%s can't be reached for %s: %s; check the network, proxies, and AWS_ENDPOINT_URL if it is set.",
			before(" ", e.host), e.subject(), e.networkProblem())
	case Credentials:
		return credentialsMessage(e)
	case UnknownRegion:
		return regionMessage(e)
	case AccessDenied:
		return accessMessage(e)
	case Limit:
		return fmt.Sprintf("%s meets a service quota of the account that is used up: %s; raise the quota or remove what is not needed.", e.subject(), e.answer())
	}
	return fmt.Sprintf("AWS refuses %s as invalid: %s.", e.subject(), e.answer())
}

// thing names the resource.
func (e evidence) thing() string {
	if e.call.Resource == "" {
		return "what " + e.subject() + " is about"
	}
	return e.call.Resource + e.place()
}

// subject names the call: "DynamoDB DescribeTable of table blog in eu-west-1".
func (e evidence) subject() string {
	if e.operation == "" {
		return "the call to AWS"
	}
	return strings.TrimSpace(e.service+" "+e.operation) + before(" of ", e.call.Resource) + e.place()
}

// place is the region, except for IAM, which has none.
func (e evidence) place() string {
	if e.service == "IAM" {
		return ""
	}
	return before(" in ", e.call.Region)
}

// answer is what AWS said, fit for a status.
func (e evidence) answer() string {
	if e.code == "" && e.status == 0 {
		return settle(rootCause(e.err))
	}
	text := settle(e.text)
	if text == unknownCode {
		text = ""
	}
	return e.codeOrStatus() + before(": ", text)
}

func (e evidence) codeOrStatus() string {
	if e.code == "" || e.code == unknownCode {
		return fmt.Sprintf("HTTP status %d", e.status)
	}
	return e.code
}

func (e evidence) mishap() string {
	var timeout net.Error
	switch {
	case errors.Is(e.err, context.Canceled):
		return "the operator gave the call up"
	case errors.Is(e.err, context.DeadlineExceeded), errors.As(e.err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case e.status >= 200 && e.status < 300:
		return "the reply can't be understood (HTTP status " + fmt.Sprint(e.status) + ")"
	case e.status != 0 && (e.code == "" || e.code == unknownCode):
		return fmt.Sprintf("the answer does not look like AWS's (HTTP status %d); a proxy may stand between", e.status)
	case e.status != 0:
		return e.answer()
	}
	return "the connection broke before the answer was complete"
}

func (e evidence) networkProblem() string {
	var dns *net.DNSError
	switch {
	case errors.As(e.err, &dns):
		return "its name can't be resolved"
	case tlsTrouble(e.err) != "":
		return tlsTrouble(e.err)
	case strings.Contains(e.err.Error(), "connection refused"):
		return "connection refused"
	case strings.Contains(e.err.Error(), "proxyconnect"):
		return "the proxy refuses the connection"
	case networkTimeout(e.err):
		return "no connection in time"
	}
	return "no connection"
}

func networkTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

var (
	notAuthorized = regexp.MustCompile(`not authorized to perform:? ([\w:*-]+)(?: on (?:the )?resource:? (.+?))?(?: because (.*)| (with an? .*))?$`)
)

func accessMessage(e evidence) string {
	who := e.call.Principal
	if who == "" {
		who = "the operator"
	}
	if e.credentials != nil && e.credentials.RoleARN != "" {
		return fmt.Sprintf("The operator may not assume %s (%s); check the role's trust policy, its external id, and the operator's permission for sts:AssumeRole.",
			e.credentials.RoleARN, e.codeOrStatus())
	}
	found := notAuthorized.FindStringSubmatch(e.text)
	if found == nil {
		return fmt.Sprintf("AWS denies %s to %s: %s; add the permission to its policy (commentsctl iam-policy prints one).", e.subject(), who, e.answer())
	}
	action, on := found[1], settle(found[2])
	why := before(", because ", settle(found[3])) + before(" ", settle(found[4]))
	return fmt.Sprintf("AWS denies %s to %s%s%s; add it to its policy (commentsctl iam-policy prints one).", action, who, before(" on ", on), why)
}

func regionMessage(e evidence) string {
	if e.region != nil {
		return "Region " + e.region.Region + " " + e.region.Problem + "."
	}
	return fmt.Sprintf("Region %s can't be used: %s; check spec.region, and that the region is enabled for the account.", e.call.Region, e.answer())
}

func credentialsMessage(e evidence) string {
	source := before(" from ", e.call.Source)
	switch {
	case e.code != "" && e.credentials != nil:
		return "AWS gives no credentials for " + roleOr(e.credentials.RoleARN) + ": " + e.answer() + "."
	case e.code == "RequestTimeTooSkewed" || strings.Contains(e.text, "Signature expired") || strings.Contains(e.text, "Signature not yet current"):
		return "AWS does not accept the time on the operator's signatures (" + e.code + "); set the clock of its node."
	case strings.HasPrefix(e.code, "ExpiredToken") || e.code == "RequestExpired":
		return "The AWS credentials" + source + " have expired (" + e.code + "); renew them."
	case strings.Contains(e.code, "Signature"):
		return "AWS does not accept signatures made with the AWS credentials" + source + " (" + e.code + "); the secret access key is wrong."
	case e.code != "":
		return "AWS does not know the AWS credentials" + source + " (" + e.code + "); renew them."
	}
	return missingCredentials(e)
}

// unreadable is how a file that can't be opened appears in the SDK's errors,
// which don't carry the error itself.
var unreadable = regexp.MustCompile(`open (\S+): (no such file or directory|permission denied)`)

func missingCredentials(e evidence) string {
	text := e.err.Error()
	if file := unreadable.FindStringSubmatch(text); file != nil {
		return "The AWS credentials can't be read: " + file[2] + " (" + file[1] + ")."
	}
	if strings.Contains(text, "ec2imds") || errors.Is(e.err, errNoCredentials) {
		return "No AWS credentials were found; give the operator a role (EKS Pod Identity, IRSA) or access keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)."
	}
	return "The AWS credentials can't be had: " + settle(rootCause(e.err)) + "."
}

func roleOr(roleARN string) string {
	if roleARN == "" {
		return "the operator"
	}
	return roleARN
}

func before(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
