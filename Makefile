# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0

SHELL := /bin/sh
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

# The race detector needs cgo and a C compiler; without one the tests run
# without it.
RACE ?= $(shell test "$$(go env CGO_ENABLED)" = 1 && command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)
# Packages tested at once. API servers and race-detecting builds are large.
PARALLEL ?= 2
PACKAGES ?= ./...
# Suites that run only in part under the race detector, and in full without it.
UNWATCHED ?= ./internal/awscloud ./internal/check ./internal/faults
TESTFLAGS ?=

CONTROLLER_GEN := go tool controller-gen
GOLANGCI_LINT := bin/tools/golangci-lint

##@ Try it

.PHONY: local
local: build ## Run everything on this machine and stay up until Ctrl-C
	@assets=$$(hack/control-plane.sh) && exec bin/commentsctl local --assets "$$assets" $(LOCALFLAGS)

.PHONY: demo
demo: build ## Show a comments API come up, be corrected and go; ends with "demo: ok"
	@assets=$$(hack/control-plane.sh) && exec bin/commentsctl demo --assets "$$assets" $(DEMOFLAGS)

##@ Build

.PHONY: build
build: bin/manager bin/commentsctl ## Build bin/manager and bin/commentsctl

# go build knows better than make what has changed.
.PHONY: bin/manager bin/commentsctl
bin/manager bin/commentsctl:
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./cmd/$(@F)

.PHONY: image
image: ## Build the manager's container image (IMAGE=name:tag)
	docker buildx build --build-arg VERSION=$(VERSION) -t $(or $(IMAGE),commentsapi-operator:$(VERSION)) --load .

.PHONY: build-installer
build-installer: ## Write dist/install.yaml: all that installs the operator (IMAGE=name:tag)
	cd hack/install && GOWORK=off go run ./build-installer -dir ../../config/default -image "$(IMAGE)" -out ../../dist/install.yaml

.PHONY: release
release: ## Make and check a release in dist/, publishing nothing (VERSION=v1.2.3 IMAGE=name:tag)
	hack/release.sh $(VERSION) $(IMAGE)

.PHONY: generate
generate: ## Write what is generated: deep copies, the CRD, the operator's rights, docs/reference.md
	hack/generate.sh .

##@ Check

.PHONY: test
test: ## Run the tests (on first use this builds or fetches etcd and kube-apiserver)
	@assets=$$(hack/control-plane.sh) && export KUBEBUILDER_ASSETS="$$assets" && \
	set -x && go test -p $(PARALLEL) -timeout 15m $(RACE) $(TESTFLAGS) $(PACKAGES) && \
	{ [ -z "$(RACE)" ] || go test -timeout 15m $(TESTFLAGS) $(UNWATCHED); }

.PHONY: test-install
test-install: ## Hold kustomize, the Helm chart and dist/install.yaml to one another and to the API server; lint the Dockerfile
	@assets=$$(hack/control-plane.sh) && export KUBEBUILDER_ASSETS="$$assets" GOWORK=off && \
	cd hack/install && go test -count=1 -timeout 15m ./... && cd ../dockerfile && go test -count=1 ./...

.PHONY: test-release
test-release: ## Make a release for this platform, publish nothing, and look at what came out
	cd hack/sbom && GOWORK=off go test -count=1 -timeout 30m ./...

.PHONY: verify
verify: $(GOLANGCI_LINT) ## Lint; check generated files, licence headers, module files, scripts
	GOLANGCI_LINT=$(GOLANGCI_LINT) hack/verify.sh

$(GOLANGCI_LINT): hack/tools/go.mod hack/tools/go.sum
	@echo "building golangci-lint (about 100 s the first time)"
	cd hack/tools && GOWORK=off go build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the Go files
	$(GOLANGCI_LINT) fmt

# Each runner installs what it compares with and ends with a line
# "conformance: NAME N/N".
CONFORMANCE := velocity dynalite awscli

.PHONY: conformance
conformance: $(CONFORMANCE:%=conformance-%) ## Hold the local AWS to Apache Velocity, dynalite and the AWS CLI

.PHONY: $(CONFORMANCE:%=conformance-%)
$(CONFORMANCE:%=conformance-%): conformance-%:
	go run ./hack/conformance/$*

.PHONY: gitops
gitops: ## Hold health.lua and recorded objects to Argo CD's own code
	cd hack/argocd && GOWORK=off go test ./...

.PHONY: browser
browser: build ## Use the comments section in a real browser (BROWSERFLAGS="-run Keyboard -v")
	@assets=$$(hack/control-plane.sh) && KUBEBUILDER_ASSETS="$$assets" hack/browser.sh

.PHONY: browser-screenshots
browser-screenshots: build ## Write the screenshots in docs/images; look at them before you commit them
	@assets=$$(hack/control-plane.sh) && KUBEBUILDER_ASSETS="$$assets" hack/browser.sh docs/images

.PHONY: faults
faults: ## Meet every call of every workload with every fault (FAULTSFLAGS="-sample 300 -seed 1")
	go run ./hack/faults $(FAULTSFLAGS)

.PHONY: faults-protections
faults-protections: ## Take the operator's protections away one by one; each must be missed
	go run ./hack/faults -protections

.PHONY: e2e-aws
e2e-aws: bin/manager ## Run the scenarios against a real AWS account (E2EFLAGS="-region eu-west-1"; asks first)
	@assets=$$(hack/control-plane.sh) && go run ./hack/e2e -assets "$$assets" $(E2EFLAGS)

.PHONY: faults-managers
faults-managers: ## Kill and pause the leader of two manager processes, 5 rounds
	@assets=$$(hack/control-plane.sh) && export KUBEBUILDER_ASSETS="$$assets" && go run ./hack/faults -managers 5 $(FAULTSFLAGS)

.PHONY: soak
soak: ## Let 200 objects live for three hours of their clock, with faults at 5 % of the calls
	go run ./hack/faults -soak 3h $(FAULTSFLAGS)

.PHONY: mutation
mutation: ## Put deliberate faults into the local AWS; the conformance runs must catch each
	go run ./hack/conformance/mutation

.PHONY: hostile
hostile: ## Send 200,000 hostile strings per field through two template engines, 20,000 requests to deployed APIs
	go run ./hack/hostile $(HOSTILEFLAGS)

.PHONY: bench
bench: ## Count calls and measure, for half an hour; writes bench.json and bench.txt (BENCHFLAGS="-only calls,scale20")
	@assets=$$(hack/control-plane.sh) && export KUBEBUILDER_ASSETS="$$assets" && go run ./hack/bench $(BENCHFLAGS)
	go run ./hack/bench/local

##@ Clean

.PHONY: clean
clean: ## Remove bin/ (the control plane in the user's cache stays)
	rm -rf bin

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-zA-Z_-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
