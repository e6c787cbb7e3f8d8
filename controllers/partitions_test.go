// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestOtherPartitions: an object in China or GovCloud gets names and addresses
// of its own partition, in status and in every call.
func TestOtherPartitions(t *testing.T) {
	parallel(t)
	for region, want := range map[string]struct{ partition, suffix string }{
		"cn-northwest-1": {"aws-cn", "amazonaws.com.cn"},
		"us-gov-west-1":  {"aws-us-gov", "amazonaws.com"},
	} {
		t.Run(want.partition, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			// The policy that other tests' calls are held to is for the partition aws.
			transport := http.DefaultTransport.(*http.Transport).Clone()
			t.Cleanup(transport.CloseIdleConnections)
			d.config.HTTPClient = &http.Client{Transport: transport}
			d.options.InvokeURLTemplate = "https://{apiId}.execute-api.{region}.{dnsSuffix}/{stage}"
			d.restart()
			o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Region = region })))
			if got := "https://" + o.Status.RestAPI.ID + ".execute-api." + region + "." + want.suffix + "/prod"; o.Status.InvokeURL != got {
				t.Errorf("the invoke URL is %s; want %s", o.Status.InvokeURL, got)
			}
			status, err := json.Marshal(o.Status)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(string(status), "arn:"+want.partition+":"); got != 2 || strings.Count(string(status), "arn:") != got {
				t.Errorf("status names ARNs of another partition: %s", status)
			}
			for service, state := range d.inventory() {
				if strings.Contains(state, "arn:aws:") {
					t.Errorf("%s holds ARNs of the partition aws: %s", service, state)
				}
			}
			d.remove(o)
		})
	}
}
