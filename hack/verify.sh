#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Checks everything that can be checked without running the product. Goes on
# after a failure, so that one run names them all.
set -u

cd "$(dirname -- "$0")/.." || exit 1
lint=${GOLANGCI_LINT:-bin/tools/golangci-lint}
failed=

# check NAME COMMAND...
check() {
	name=$1
	shift
	printf 'verify: %s\n' "$name"
	if ! "$@"; then
		printf 'verify: FAILED: %s\n' "$name" >&2
		failed="$failed
  $name"
	fi
}

# Only files that are, or would be, in the repository.
files() {
	git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

# What a build leaves behind would stay in everybody's clone for ever.
light() {
	heavy=$(files '*' | while read -r file; do
		[ "$(wc -c <"$file")" -lt 1000000 ] || printf '%s\n' "$file"
	done)
	[ -z "$heavy" ] || {
		printf 'larger than 1 MB, to be taken out of the repository:\n%s\n' "$heavy" >&2
		return 1
	}
}

generated() {
	temp=$(mktemp -d) || return 1
	status=0
	hack/generate.sh "$temp" || status=1
	for file in $(cd "$temp" && find . -type f); do
		diff -u "$file" "$temp/$file" || status=1
	done
	for file in $(files '*zz_generated*' 'config/crd/*.yaml' config/rbac/role.yaml 'config/chart/files/*'); do
		case $file in */kustomization.yaml) continue ;; esac
		[ -f "$temp/$file" ] || {
			printf '%s is not generated any more; remove it\n' "$file"
			status=1
		}
	done
	rm -rf "$temp"
	[ "$status" -eq 0 ] || printf 'generated files are out of date; run: make generate\n'
	return "$status"
}

headers() {
	status=0
	for file in $(files '*.go'); do
		if ! head -n 2 "$file" | cmp -s - hack/boilerplate.go.txt &&
			! head -n 5 "$file" | grep -q '^// SPDX-License-Identifier: Apache-2.0$'; then
			printf '%s: begin it with the two lines of hack/boilerplate.go.txt\n' "$file"
			status=1
		fi
	done
	for file in $(files '*.js'); do
		if ! head -n 5 "$file" | grep -q '^// SPDX-License-Identifier: Apache-2.0$'; then
			printf '%s: name the licence in its first lines\n' "$file"
			status=1
		fi
	done
	for file in $(files '*.sh' Makefile Dockerfile .ci/run); do
		if ! head -n 5 "$file" | grep -q '^# SPDX-License-Identifier: Apache-2.0$'; then
			printf '%s: name the licence in its first lines\n' "$file"
			status=1
		fi
	done
	return "$status"
}

# Files are short and have one subject.
short() {
	status=0
	for file in $(files '*.go'); do
		case $file in *_test.go | */zz_generated* | */testdata/*) continue ;; esac
		lines=$(wc -l <"$file")
		if [ "$lines" -gt 400 ]; then
			printf '%s: %s lines; split it by subject, at most 400\n' "$file" "$lines"
			status=1
		fi
	done
	return "$status"
}

# The comments section is small, and stays so.
section() {
	go test -count=1 -run '^TestTheComponentIsSmall$' ./cmd/commentsctl/site
}

modules() {
	status=0
	for file in $(files 'go.mod' '*/go.mod'); do
		(cd "$(dirname "$file")" && GOWORK=off go mod tidy -diff) || {
			printf '%s is not tidy; run: go mod tidy\n' "$file"
			status=1
		}
	done
	return "$status"
}

# Kubernetes' API conventions, by kube-api-linter; exceptions have reasons.
conventions() {
	(cd hack/apilint && GOWORK=off go run . ../..)
}

# People develop, and run the local AWS, on other systems too.
elsewhere() {
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet ./...
}

scripts() {
	if ! command -v shellcheck >/dev/null 2>&1; then
		if [ -n "${REQUIRE_SHELLCHECK:-}" ]; then
			printf 'shellcheck is not installed, and REQUIRE_SHELLCHECK is set\n'
			return 1
		fi
		printf 'shellcheck is not installed; scripts are not checked\n'
		return 0
	fi
	# shellcheck disable=SC2046 # The names of scripts have no spaces.
	shellcheck $(files '*.sh' .ci/run)
}

check "go vet" go vet ./...
check "go vet, for macOS" elsewhere
check "golangci-lint" "$lint" run ./...
check "generated files" generated
check "API conventions" conventions
check "licence headers" headers
check "file lengths" short
check "no binaries" light
check "size of the comments section" section
check "module files" modules
check "shell scripts" scripts
check "alert rules" hack/promtool.sh

if [ -n "$failed" ]; then
	printf '\nverify: FAILED:%s\n' "$failed" >&2
	exit 1
fi
printf 'verify: ok\n'
