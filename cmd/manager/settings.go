// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"

	"github.com/commentsapi/operator/controllers"
)

// defaultInvokeURL is the shape of invoke URLs in AWS (aws-facts I).
const defaultInvokeURL = "https://{apiId}.execute-api.{region}.{dnsSuffix}/{stage}"

// Values of --probe.
const (
	probeTestInvoke = "TestInvoke"
	probeOff        = "Off"
)

// settings are the manager's flags.
type settings struct {
	kubeconfig          string
	clusterID           string
	watchNamespaces     []string
	rolePath            string
	permissionsBoundary string
	allowedRegions      []string
	namespaceRole       bool
	tablePrefix         string
	quotaShare          float64
	quotaScale          float64
	shard               string
	invokeURLTemplate   string
	probe               string
	metricsAddress      string
	metricsSecure       bool
	metricsCertDir      string
	healthAddress       string
	leaderElect         bool
	leaderNamespace     string
	leaseDuration       time.Duration
	logLevel            string
}

func (s *settings) register(f *pflag.FlagSet) {
	f.StringVar(&s.kubeconfig, "kubeconfig", "", "kubeconfig file; without it KUBECONFIG, the service account, or ~/.kube/config")
	f.StringVar(&s.clusterID, "cluster-id", "", "tells clusters apart that share an AWS account (default: the uid of the namespace kube-system)")
	f.StringSliceVar(&s.watchNamespaces, "watch-namespaces", nil, "namespaces to watch (default: all)")
	f.StringVar(&s.rolePath, "role-path", "/commentsapi/", "IAM path of new roles; existing ones keep theirs")
	f.StringVar(&s.permissionsBoundary, "permissions-boundary", "", "ARN of the policy that bounds every role")
	f.StringSliceVar(&s.allowedRegions, "allowed-regions", nil, "AWS regions that objects may name (default: all)")
	f.BoolVar(&s.namespaceRole, "require-namespace-role", false, "serve only objects whose Namespace names an AWS role (annotation commentsapi.io/role-arn)")
	f.StringVar(&s.tablePrefix, "table-name-prefix", "", "what the names of tables must begin with; {namespace} in it stands for the object's, like {namespace}. (default: anything)")
	f.Float64Var(&s.quotaShare, "quota-share", 1, "fraction of the account's API Gateway request quotas to use, above 0 and at most 1")
	f.StringVar(&s.shard, "shard", "", "which part of the objects to serve, like 1/3 for the first of three operators; each takes that part of --quota-share")
	f.Float64Var(&s.quotaScale, "quota-scale", 1, "how many times AWS's request quotas the endpoint allows; for endpoints that are not AWS")
	f.StringVar(&s.invokeURLTemplate, "invoke-url-template", defaultInvokeURL, "shape of invoke URLs")
	f.StringVar(&s.probe, "probe", probeTestInvoke, "how a new definition is proven before it is deployed: TestInvoke, or Off where the endpoint has no TestInvokeMethod")
	f.StringVar(&s.metricsAddress, "metrics-bind-address", "0", "address of the metrics endpoint; 0 is off")
	f.BoolVar(&s.metricsSecure, "metrics-secure", true, "serve metrics over TLS, to callers whose token may get /metrics; false serves them to everybody, for tests on one machine")
	f.StringVar(&s.metricsCertDir, "metrics-cert-dir", "", "directory with tls.crt and tls.key of the metrics endpoint, read again when they change (default: a self-signed certificate)")
	f.StringVar(&s.healthAddress, "health-probe-bind-address", ":8081", "address of the health probes; 0 is off")
	f.BoolVar(&s.leaderElect, "leader-elect", false, "elect a leader, so that several replicas may run")
	f.StringVar(&s.leaderNamespace, "leader-election-namespace", "", "namespace of the leader's lease (default: the pod's)")
	f.DurationVar(&s.leaseDuration, "leader-election-lease-duration", 15*time.Second, "how long a leader that is not heard of is waited for; it gives up itself after two thirds of that")
	f.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
}

// given are the flags that were given, by name. None of them is a secret.
func given(f *pflag.FlagSet) map[string]string {
	flags := map[string]string{}
	f.Visit(func(flag *pflag.Flag) { flags[flag.Name] = flag.Value.String() })
	return flags
}

// rolePathPattern is IAM's rule for paths (aws-facts G1).
var rolePathPattern = regexp.MustCompile(`^/([!-~]+/)?$`)

// tablePrefixPattern is DynamoDB's rule for names (aws-facts H1).
var tablePrefixPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{0,190}$`)

// check refuses settings that can't work, naming flag, value and remedy.
func (s *settings) check() error {
	if !rolePathPattern.MatchString(s.rolePath) || len(s.rolePath) > 512 {
		return fmt.Errorf("--role-path %q: an IAM path begins and ends with a slash, like /commentsapi/", s.rolePath)
	}
	if s.quotaShare <= 0 || s.quotaShare > 1 {
		return fmt.Errorf("--quota-share %v: give a fraction above 0 and at most 1", s.quotaShare)
	}
	if _, err := controllers.ParseShard(s.shard); err != nil {
		return fmt.Errorf("--shard: %w", err)
	}
	if !(s.quotaScale > 0) || s.quotaScale > 1e6 {
		return fmt.Errorf("--quota-scale %v: give a number above 0, and 1 for AWS itself", s.quotaScale)
	}
	if s.probe != probeTestInvoke && s.probe != probeOff {
		return fmt.Errorf("--probe %q: give %s or %s", s.probe, probeTestInvoke, probeOff)
	}
	for _, placeholder := range []string{"{apiId}", "{stage}"} {
		if !strings.Contains(s.invokeURLTemplate, placeholder) {
			return fmt.Errorf("--invoke-url-template %q: %s is missing", s.invokeURLTemplate, placeholder)
		}
	}
	if s.permissionsBoundary != "" && !strings.HasPrefix(s.permissionsBoundary, "arn:") {
		return fmt.Errorf("--permissions-boundary %q: give the ARN of a managed policy", s.permissionsBoundary)
	}
	if s.leaseDuration < 2*time.Second || s.leaseDuration%time.Second != 0 {
		return fmt.Errorf("--leader-election-lease-duration %s: give whole seconds, at least 2s", s.leaseDuration)
	}
	if rest := strings.ReplaceAll(s.tablePrefix, "{namespace}", ""); !tablePrefixPattern.MatchString(rest) {
		return fmt.Errorf("--table-name-prefix %q: beside {namespace} it has only the characters of table names, a-z, A-Z, 0-9, '_', '-' and '.'", s.tablePrefix)
	}
	if slices.Contains(s.watchNamespaces, "") {
		return fmt.Errorf("--watch-namespaces has an empty name")
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return fmt.Errorf("--log-level %q: give debug, info, warn or error", s.logLevel)
	}
	return nil
}

// logger writes structured JSON to standard error.
func (s *settings) logger() logr.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.logLevel)) // checked before
	return logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
