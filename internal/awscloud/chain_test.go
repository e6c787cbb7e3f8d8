// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Roles of the guides' examples.
const (
	ownRole   = "arn:aws-us-gov:iam::111122223333:role/commentsapi-operator"
	otherRole = "arn:aws-us-gov:iam::444455556666:role/comments"
)

// federated is STS' answer to a token of the cluster's.
func federated(keyID string) answer {
	return answer{status: 200, body: fmt.Sprintf(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>`+
		`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`+
		`</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, keyID)}
}

// podIdentityAgent answers as EKS Pod Identity's agent does, to the token in
// the pod's file and to no other.
func podIdentityAgent(t *testing.T, tokenFile string) string {
	t.Helper()
	var n atomic.Int32
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := os.ReadFile(tokenFile)
		if err != nil || r.Header.Get("Authorization") != string(token) || r.URL.Path != "/v1/credentials" {
			http.Error(w, `{"code":"AccessDenied","message":"unknown token"}`, http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"AccessKeyId":"ASIAPOD%d","SecretAccessKey":"s","Token":"t","AccountId":%q,"Expiration":"2099-01-01T00:00:00Z"}`,
			n.Add(1), testAccount)
	}))
	t.Cleanup(agent.Close)
	return agent.URL + "/v1/credentials"
}

// environment is the process's own, with nothing of AWS but this.
func environment(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_CA_BUNDLE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"} {
		t.Setenv(name, env[name])
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	if file := env["AWS_CONFIG_FILE"]; file != "" {
		t.Setenv("AWS_CONFIG_FILE", file)
	}
	t.Setenv("AWS_ENDPOINT_URL", env["AWS_ENDPOINT_URL"])
}

// profile is the configuration file that docs/credentials.md writes, as a
// reader's shell would.
func profile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/credentials.md")
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile(`(?s)cat > aws-config <<INI\n(.*?)INI\n`).FindAllStringSubmatch(string(text), -1)
	if len(files) != 1 {
		t.Fatalf("docs/credentials.md writes %d configuration files; want 1", len(files))
	}
	return strings.NewReplacer("$PARTITION", "aws-us-gov", "$OTHER", "444455556666").Replace(files[0][1])
}

// write makes a file of the test's own.
func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTheDefaultChainFindsRoles in each of the ways that docs/credentials.md
// explains, by what AWS injects into the pod and by the guide's own file. When
// AWS says that the credentials have expired, they are fetched anew, by the
// token that the cluster renewed in the meantime.
func TestTheDefaultChainFindsRoles(t *testing.T) {
	for _, c := range []struct {
		name string
		// env is the pod's; TOKEN is the path of the token, AGENT the agent's URL.
		env map[string]string
		// file is a configuration file.
		file string
		// calls are those that reach AWS: operation, key that signed it, and the
		// token or the role that it names.
		calls []string
	}{
		{"IRSA", map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN", "AWS_ROLE_ARN": ownRole}, "", []string{
			"AssumeRoleWithWebIdentity  first " + ownRole, "GetCallerIdentity ASIAIRSA1  ",
			"AssumeRoleWithWebIdentity  second " + ownRole, "GetCallerIdentity ASIAIRSA2  "}},
		{"EKS Pod Identity", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "AGENT", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "TOKEN"}, "", []string{
			"GetCallerIdentity ASIAPOD1  ", "GetCallerIdentity ASIAPOD2  "}},
		{"another role by EKS Pod Identity", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "AGENT", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "TOKEN"},
			profile(t), []string{
				"AssumeRole ASIAPOD1  " + otherRole, "GetCallerIdentity ASIAOTHER1  ",
				"AssumeRole ASIAPOD2  " + otherRole, "GetCallerIdentity ASIAOTHER2  "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := newFakeAWS(t)
			fake.on("AssumeRoleWithWebIdentity", federated("ASIAIRSA1"), federated("ASIAIRSA2"))
			fake.on("AssumeRole", assumedRole("ASIAOTHER1"), assumedRole("ASIAOTHER2"))
			fake.on("DescribeTable", jsonError(400, "ExpiredTokenException", "expired"), answer{status: 200, body: `{"Table":{}}`})
			token := write(t, "token", "first")
			agent := podIdentityAgent(t, token)
			env := map[string]string{"AWS_ENDPOINT_URL": fake.URL}
			for name, value := range c.env {
				env[name] = strings.NewReplacer("TOKEN", token, "AGENT", agent).Replace(value)
			}
			if c.file != "" {
				env["AWS_CONFIG_FILE"] = write(t, "config", c.file)
			}
			environment(t, env)
			f := NewFactory(Config{Quotas: []Quota{}})
			t.Cleanup(func() { f.http.(*http.Client).CloseIdleConnections() })
			for _, want := range []Class{Credentials, ""} {
				account, err := f.Account(t.Context(), Target{Region: testRegion})
				if err != nil {
					t.Fatal(err)
				}
				if account.CallerARN != testARN {
					t.Errorf("the operator is %s", account.CallerARN)
				}
				if failure := Classify(describeTable.call(t.Context(), account)); want != "" && (failure == nil || failure.Class != want) || want == "" && failure != nil {
					t.Errorf("a call ends with %+v; want %q", failure, want)
				}
				if err := os.WriteFile(token, []byte("second"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var calls []string
			for i, form := range fake.forms {
				if form.Get("Action") == "" {
					continue // DescribeTable
				}
				_, key, _ := strings.Cut(fake.auth[i], "Credential=")
				key, _, _ = strings.Cut(key, "/")
				calls = append(calls, strings.Join([]string{form.Get("Action"), key, form.Get("WebIdentityToken"), form.Get("RoleArn")}, " "))
			}
			if diff := cmp.Diff(c.calls, calls); diff != "" {
				t.Errorf("calls to AWS (-want +got):\n%s", diff)
			}
		})
	}
}
