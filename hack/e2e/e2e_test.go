// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// manager is the operator's binary, built once.
var manager string

func TestMain(m *testing.M) {
	ctrllog.SetLogger(logr.Discard())
	dir, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		log.Fatal(err)
	}
	manager = filepath.Join(dir, "manager")
	if out, err := exec.Command("go", "build", "-o", manager, "../../cmd/manager").CombinedOutput(); err != nil {
		log.Fatalf("build the manager: %v\n%s", err, out)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// local makes the local AWS the one that the environment leads to.
func local(t *testing.T) settings {
	t.Helper()
	server, err := localaws.New(localaws.Options{Nature: core.Nature{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	t.Setenv("AWS_ENDPOINT_URL", server.Endpoint())
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	return settings{
		region: "eu-west-1", manager: manager, prefix: newPrefix(), limit: 4 * time.Minute,
		invokeURLs: server.Endpoint() + "/execute-api/{apiId}/{stage}", facts: filepath.Join(t.TempDir(), "facts.json"),
	}
}

// leftovers counts all that is in the account.
func leftovers(t *testing.T, s settings) int {
	t.Helper()
	ctx := context.Background()
	c, err := newCloud(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	apis, err := c.apis.GetRestApis(ctx, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := c.tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	roles, err := c.roles.ListRoles(ctx, &iam.ListRolesInput{})
	if err != nil {
		t.Fatal(err)
	}
	return len(apis.Items) + len(tables.TableNames) + len(roles.Roles)
}

// scenarioNames are the promises that a run keeps, in order.
var scenarioNames = []string{
	"an object becomes an API that serves",
	"text comes back as it went",
	"what is no comment is refused",
	"nobody overwrites a comment",
	"what somebody breaks is put right",
	"a renamed stage serves, and the old one still does",
	"another order of lists",
	"the table outlives the object",
	"the object made again finds its comments, and takes them with it when told to",
}

// The scenarios that are meant for a real account hold against the local AWS,
// and leave nothing behind.
func TestScenarios(t *testing.T) {
	s := local(t)
	var told strings.Builder
	if err := run(context.Background(), s, io.MultiWriter(t.Output(), &told)); err != nil {
		t.Fatal(err)
	}
	if n := leftovers(t, s); n != 0 {
		t.Errorf("%d resources are left", n)
	}
	if diff := cmp.Diff(localAnswers(), observed(t, s)); diff != "" {
		t.Errorf("what the local AWS was seen to do (-want +got):\n%s", diff)
	}
	for i, name := range scenarioNames {
		if line := fmt.Sprintf("%d/%d %s\n", i+1, len(scenarioNames), name); !strings.Contains(told.String(), line) {
			t.Errorf("the run doesn't tell of %q", line)
		}
	}
}

// A run that is interrupted in its middle cleans up all the same.
func TestAnInterruptedRunCleansUp(t *testing.T) {
	s := local(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	interrupted := writer(func(line string) {
		if strings.Contains(line, "2/9") {
			cancel()
		}
	})
	if err := run(ctx, s, interrupted); err == nil {
		t.Error("an interrupted run reports no error")
	}
	if n := leftovers(t, s); n != 0 {
		t.Errorf("%d resources are left", n)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}
