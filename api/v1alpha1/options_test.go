// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/testcluster"
)

func TestOrigins(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	const remedy = "an origin looks like https://www.example.com: a scheme and a host in lower case, a port if it isn't the usual one, no path and no slash at the end; or \"*\""
	for _, good := range [][]any{{"*"}, {"https://www.example.com"}, {"http://localhost:8080", "https://a-b.example"}, {"http://127.0.0.1:3000"}} {
		expect(t, c.Create(context.Background(), object(ns, fields{"api": fields{"cors": fields{"allowedOrigins": good}}})))
	}
	for _, bad := range []string{"https://www.example.com/", "www.example.com", "https://*.example.com", "HTTPS://a.example", "https://a.example\n",
		"null", "https://a.example\"", "https://a.example,https://b.example", "ftp://a.example", "https://$x"} {
		err := c.Create(context.Background(), object(ns, fields{"api": fields{"cors": fields{"allowedOrigins": []any{bad}}}}))
		if err == nil || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for what, list := range map[string][]any{"remove the others, or it": {"*", "https://a.example"}, "Duplicate value": {"https://a.example", "https://a.example"}, "at least 1 items": {}} {
		err := c.Create(context.Background(), object(ns, fields{"api": fields{"cors": fields{"allowedOrigins": list}}}))
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: %v; want %q", list, err, what)
		}
	}
}

func TestCommentOptions(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	for what, comments := range map[string]fields{
		"showCreatedAt needs an ordered list":                        {"order": "Unordered", "showCreatedAt": "Enabled"},
		"this field has a meaning already":                           {"honeypotField": "message"},
		"begins with a letter":                                       {"honeypotField": "a.b"},
		"less than or equal to 90000":                                {"limits": fields{"message": int64(90001)}},
		"less than or equal to 512":                                  {"limits": fields{"pageId": int64(513)}},
		"greater than or equal to 1":                                 {"limits": fields{"userName": int64(0)}},
		"less than or equal to 3650":                                 {"retentionDays": int64(3651)},
		"retentionDays in body should be greater than or equal to 1": {"retentionDays": int64(0)},
		"supported values":                                           {"clientInfo": fields{"sourceIP": "Yes"}},
	} {
		err := c.Create(context.Background(), object(ns, fields{"comments": comments}))
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: %v; want %q", comments, err, what)
		}
	}
	expect(t, c.Create(context.Background(), object(ns, fields{"comments": fields{"honeypotField": "website", "replies": "Enabled", "count": "Enabled", "retentionDays": int64(30),
		"showCreatedAt": "Enabled", "limits": fields{"message": int64(90000)}, "clientInfo": fields{"sourceIP": "Enabled", "userAgent": "Enabled"}}})))
}

func TestAccessLogDestination(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	for arn, want := range map[string]string{
		"arn:aws:logs:eu-west-1:123456789012:log-group:/comments/api":                        "",
		"arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-comments":  "",
		"arn:aws:logs:eu-west-1:123456789012:log-group:comments:*":                           "destinationARN is the ARN of a log group",
		"arn:aws:firehose:eu-west-1:123456789012:deliverystream/comments":                    "destinationARN is the ARN of a log group",
		"arn:aws:logs:us-east-1:123456789012:log-group:comments":                             "writes only to its own region",
		"arn:aws:logs:eu-west-1:123456789012:log-group:comments\narn:aws:logs:eu-west-1:1:x": "destinationARN is the ARN of a log group",
	} {
		err := c.Create(context.Background(), object(ns, fields{"api": fields{"accessLogs": fields{"destinationARN": arn}}}))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", arn, err, want)
		}
	}
}

func TestAPIKey(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	quota := func(limit int64, period string) fields { return fields{"limit": limit, "period": period} }
	for what, key := range map[string]fields{
		"no call needs the key":                    {"post": "None", "list": "None"},
		"greater than or equal to 1":               {"quota": quota(0, "Day")},
		"less than or equal to 2000000000":         {"quota": quota(2000000001, "Day")},
		`supported values: "Day", "Week", "Month"`: {"quota": quota(1, "DAY")},
		"quota.period: Required":                   {"quota": fields{"limit": int64(1)}},
		"throttling.burst: Required":               {"throttling": fields{"rate": int64(1)}},
		`supported values: "Required", "None"`:     {"post": "Enabled"},
	} {
		err := c.Create(context.Background(), object(ns, fields{"api": fields{"apiKey": key}}))
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: %v; want %q", key, err, what)
		}
	}
	for _, key := range []fields{{}, {"post": "None"}, {"list": "None", "quota": quota(2000000000, "Month"), "throttling": fields{"rate": int64(1), "burst": int64(1)}}} {
		expect(t, c.Create(context.Background(), object(ns, fields{"api": fields{"apiKey": key}})))
	}
}

func TestNetworks(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	networks := func(list ...any) error {
		return c.Create(context.Background(), object(ns, fields{"api": fields{"allowedNetworks": list}}))
	}
	expect(t, networks("192.0.2.0/24", "2001:db8::/32", "127.0.0.1/32", "::1/128", "0.0.0.0/0"))
	expect(t, networks("2001:db8:1111:2222:3333:4444:5555:6666/128"))
	for network, want := range map[string]string{
		"192.0.2.1":            "a network is written like",
		"example.com":          "a network is written like",
		"192.0.2.0/33":         "a network is written like",
		"::ffff:192.0.2.0/120": "a network is written like",
		"192.0.2.7/24":         "first address",
		"2001:DB8::/32":        "shortest form",
		"2001:db8:0::/32":      "shortest form",
	} {
		if err := networks(network); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", network, err, want)
		}
	}
	for want, list := range map[string][]any{"at least 1 items": {}, "Duplicate value": {"192.0.2.0/24", "192.0.2.0/24"}} {
		if err := networks(list...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", list, err, want)
		}
	}
}

func TestCaching(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	create := func(api fields) error { return c.Create(context.Background(), object(ns, fields{"api": api})) }
	for _, good := range []fields{{"caching": fields{}}, {"caching": fields{"size": "237", "ttlSeconds": int64(3600)}},
		{"caching": fields{"ttlSeconds": int64(1)}, "authorization": fields{"post": "IAM"}}} {
		expect(t, create(good))
	}
	for want, api := range map[string]fields{
		"Unsupported value":               {"caching": fields{"size": "1"}},
		"greater than or equal to 1":      {"caching": fields{"ttlSeconds": int64(0)}},
		"less than or equal to 3600":      {"caching": fields{"ttlSeconds": int64(3601)}},
		"answers that everybody may read": {"caching": fields{}, "authorization": fields{"list": "IAM"}},
	} {
		if err := create(api); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", api, err, want)
		}
	}
}
