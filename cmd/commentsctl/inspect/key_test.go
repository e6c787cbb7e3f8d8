// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
)

func keyed() *v1alpha1.CommentsAPI {
	o := serving()
	o.Spec.API.APIKey = &v1alpha1.APIKeySpec{Post: v1alpha1.KeyRequired, List: v1alpha1.KeyNone}
	o.Status.APIKey, o.Status.UsagePlan = &v1alpha1.APIKeyStatus{ID: "k1"}, &v1alpha1.UsagePlanStatus{ID: "p1"}
	return o
}

// TestPastedCallsSendTheKey runs the line with an AWS CLI and a curl that only
// tell what they are asked: the one for the key's value, the other to send it.
func TestPastedCallsSendTheKey(t *testing.T) {
	bin := t.TempDir()
	for name, script := range map[string]string{
		"aws":  "#!/bin/sh\necho \"$*\" > '" + bin + "/asked'\necho the-value\n",
		"curl": "#!/bin/sh\nfor word in \"$@\"; do echo \"$word\"; done\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", postLine(keyed(), "p"))
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "\nx-api-key: the-value\n") {
		t.Errorf("%v; curl is called with\n%s", err, out)
	}
	asked, err := os.ReadFile(filepath.Join(bin, "asked"))
	if want := "apigateway get-api-key --include-value --query value --output text --region eu-west-1 --api-key k1\n"; err != nil || string(asked) != want {
		t.Errorf("%v; the AWS CLI is asked %q; want %q", err, asked, want)
	}
	if line := listLine(keyed(), "p"); strings.Contains(line, "x-api-key") {
		t.Errorf("listing needs no key: %s", line)
	}
}

func TestStatusNamesTheKeyAndItsPlan(t *testing.T) {
	drawn := drawStatus(keyed(), false)
	for _, want := range []string{"\n       key id      k1\n", "\n       usage plan  p1\n"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("%q is not in\n%s", want, drawn)
		}
	}
}
