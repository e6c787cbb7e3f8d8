// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

// Files that hold protections.
const (
	applyAPI    = "internal/provision/apply_api.go"
	applyDeploy = "internal/provision/apply_deploy.go"
	observeAPI  = "internal/provision/observe_api.go"
	teardown    = "internal/provision/teardown.go"
	diff        = "internal/plan/diff.go"
	diffTable   = "internal/plan/diff_table.go"
	diffStage   = "internal/plan/diff_stage.go"
	journal     = "controllers/journal.go"
	reconciler  = "controllers/reconciler.go"
	checking    = "controllers/check.go"
	pacing      = "controllers/pace.go"
)

// protections are taken out one by one by -protections. Each names the
// smallest part of the matrix that misses it.
var protections = []protection{
	{name: "intent write", file: applyAPI,
		old: "if err := r.Journal.Intend(ctx, nonce, r.Now()); err != nil {", new: "if err := error(nil); err != nil {",
		workload: "create", fault: "lost-storm", site: "apigateway.CreateRestApi#1"},
	{name: "wait of the intent", file: applyAPI,
		old: "if r.Intent != nil && r.Now().Before(r.Intent.settled()) {", new: "if r.Intent != nil && r.Now().IsZero() {",
		workload: "create", fault: "stale-storm+lost", site: "apigateway.GetRestApis#1+apigateway.CreateRestApi#1"},
	{name: "claim lookup", file: observeAPI,
		old: "	if len(claimed) == 0 {", new: "	if true {",
		workload: "create", fault: "lost", site: "apigateway.CreateRestApi#1"},
	{name: "second page", file: observeAPI,
		old: "for pages.HasMorePages() {", new: "for first := true; first; first = false {",
		workload: "finalizer-forced", fault: "500"},
	{name: "second page of API keys", file: "internal/provision/observe_key.go",
		old: "for pages.HasMorePages() {", new: "for first := true; first; first = false {",
		workload: "finalizer-forced-keyed", fault: "500"},
	{name: "intent of the API key", file: "internal/provision/apply_key.go",
		old: "if err := r.Keys.IntendKey(ctx, step.Resource, nonce, r.Now()); err != nil {", new: "if err := error(nil); err != nil {",
		workload: "create-keyed", fault: "lost", site: "apigateway.CreateApiKey#1"},
	{name: "no retry of CreateRestApi", file: applyAPI,
		old: "	}, awscloud.NoRetryAPIGateway)", new: "	})\n	_ = awscloud.NoRetryAPIGateway",
		workload: "create", fault: "lost", site: "apigateway.CreateRestApi#1"},
	{name: "no intent lost on doubt", file: applyAPI,
		old: "!failure.MaybeApplied() {", new: "failure != nil {",
		workload: "create", fault: "stale-storm+lost", site: "apigateway.GetRestApis#1+apigateway.CreateRestApi#1"},
	{name: "finalizer before writes", file: reconciler,
		old: "if !controllerutil.AddFinalizer(obj, v1alpha1.Finalizer) {", new: "if true || !controllerutil.AddFinalizer(obj, v1alpha1.Finalizer) {",
		workload: "create", fault: "crash-before"},
	{name: "account before writes", file: checking,
		old: "		s.AccountID = to.Identity.ARN.AccountID\n", new: "",
		workload: "create", fault: "crash-before"},
	{name: "latest object before writes", file: journal,
		old: "	if err := r.Client.Patch(ctx, obj, patch); err != nil {", new: "	if err := error(nil); patch == nil {",
		workload: "recreate", fault: "k8s-stale-storm", site: "k8s.GetCommentsAPI#2"},
	{name: "pause", file: reconciler,
		old: "	if paused(obj) {", new: "	if paused(obj) && false {",
		workload: "pause", fault: "500"},
	{name: "mode Observe", file: checking,
		old: "if obj.Spec.Mode == v1alpha1.ModeObserve {", new: "if false {",
		workload: "observe", fault: "500"},
	{name: "claim of the table", file: diff,
		old: "relation := c.Claim.Relation(table.Tags); !relation.Mine()", new: "relation := c.Claim.Relation(table.Tags); false",
		workload: "foreign-table", fault: "500"},
	{name: "claim of the role", file: diff,
		old: "	if role == nil || c.Claim.Relation(role.Tags).Mine() {", new: "	if role == nil || true {",
		workload: "claim-lost", fault: "500"},
	{name: "claim in lists of APIs", file: observeAPI,
		old: "if api := readAPI(&page.Items[i]); claim.Relation(api.Tags).Mine() {", new: "if api := readAPI(&page.Items[i]); true || claim.Relation(api.Tags).Mine() {",
		workload: "delete-retain", fault: "500"},
	{name: "claim of the role deleted", file: teardown,
		old: "role != nil && t.Identity.Claim.Relation(role.Tags).Mine() {", new: "role != nil {",
		workload: "claim-lost", fault: "user-deletes"},
	{name: "deletion policy", file: teardown,
		old: "	if t.DeleteTable {", new: "	if true {",
		workload: "delete-retain", fault: "500"},
	{name: "protection lifted first", file: teardown,
		old: "	if table.DeletionProtection {", new: "	if false {",
		workload: "delete-table", fault: "500"},
	{name: "unseen but young", file: teardown,
		old: `if t.unseen == "" || left <= 0 {`, new: `if t.unseen != "never" || left <= 0 {`,
		workload: "delete-at-once", fault: "stale-storm+crash-after", site: "iam.GetRole#1+iam.CreateRole#1"},
	{name: "intent outlives deletion", file: teardown,
		old: "!found && now.Before(t.Intent.settled()) {", new: "!found && now.IsZero() {",
		workload: "delete-while-recreating", fault: "lost+stale", site: "apigateway.CreateRestApi#1+apigateway.GetRestApis#3"},
	{name: "wait for the index", file: diffTable,
		old: "case status != stack.IndexActive && status != stack.IndexUpdating:", new: "case false:",
		workload: "index-replaced", fault: "500", survives: "the probe calls the new index and waits for it"},
	{name: "probe", file: applyDeploy,
		old: "	if r.Probe {", new: "	if false {",
		workload: "index-replaced", fault: "role-slow"},
	{name: "grace of the index", file: diffStage,
		old: "return current.Updated.Add(IndexGrace + granularity)", new: "return current.Updated",
		workload: "index-replaced", fault: "500"},
	{name: "grace of the stage", file: diffStage,
		old: "return since.Add(StageGrace + granularity)", new: "return since",
		workload: "stage-rename", fault: "500"},
	{name: "stages of others", file: "internal/provision/give_back.go",
		old: "				return t.giveBack(ctx, api)", new: "				continue",
		workload: "adopt-api", fault: "500"},
	{name: "deployment found again", file: applyDeploy,
		old: "if id := r.deploymentOf(deployments); id != \"\" {", new: "if id := r.deploymentOf(deployments); false {",
		workload: "create", fault: "lost", site: "apigateway.CreateDeployment#1"},
	{name: "optimistic lock", file: journal,
		old: "client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})", new: "client.MergeFrom(base)",
		workload: "create", fault: "k8s-stale-storm"},
	{name: "silence about credentials", file: "internal/awscloud/credentials.go",
		old:      "	return caller{account: *out.Account, arn: *out.Arn}, nil",
		new:      "	v, _ := c.Retrieve(ctx)\n	return caller{account: *out.Account, arn: *out.Arn + v.SecretAccessKey}, nil",
		workload: "create", fault: "denied", site: "dynamodb.DescribeTable#1"},
	{name: "silence about keys' values", file: "internal/provision/apply_key.go",
		old:      "		r.keyID = aws.ToString(out.Id)\n		return r.keyID, nil",
		new:      "		r.keyID = aws.ToString(out.Id)\n		r.wait(\"Waiting\", \"key \"+aws.ToString(out.Value), time.Second)\n		return r.keyID, nil",
		workload: "create-keyed", fault: "500", site: "apigateway.CreateApiKey#1"},
	{name: "bound on repeated calls", file: "internal/awscloud/retry.go",
		old: "	maxAttempts = 3\n", new: "	maxAttempts = 1000\n",
		workload: "create", fault: "503-storm", site: "apigateway.GetRestApis#1"},
	{name: "floor between looks", file: pacing,
		old: "	rereadDelay = 50 * time.Millisecond", new: "	rereadDelay = time.Millisecond",
		workload: "create", fault: "500"},
}
