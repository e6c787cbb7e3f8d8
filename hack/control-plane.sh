#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Prints the directory that holds etcd and kube-apiserver on stdout; says on
# stderr what it does to get them. In this order:
#   1. KUBEBUILDER_ASSETS, when set: checked, never changed;
#   2. what an earlier run left in the user's cache;
#   3. setup-envtest, which downloads them where GitHub can be reached;
#   4. a build from source (hack/controlplane), which needs Go and the Go
#      module proxy: about six minutes on two cores, once.
#
# COMMENTSAPI_CONTROL_PLANE=build skips the download.
set -eu

# The download tool that matches the controller-runtime in go.mod.
setup_envtest=sigs.k8s.io/controller-runtime/tools/setup-envtest@v0.25.1

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

say() { printf 'control-plane: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

has_both() { [ -x "$1/etcd" ] && [ -x "$1/kube-apiserver" ]; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
	has_both "$KUBEBUILDER_ASSETS" ||
		die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS holds no executable etcd and kube-apiserver; correct it, or unset it to have them fetched or built"
	printf '%s\n' "$KUBEBUILDER_ASSETS"
	exit 0
fi

# The server is the release that the client libraries belong to: v0.37.2 of
# k8s.io/api is Kubernetes 1.37.2.
version=$(awk '$1 == "k8s.io/api" { sub(/^v0\./, "1.", $2); print $2; exit }' "$root/go.mod")
[ -n "$version" ] || die "go.mod names no version of k8s.io/api; the control plane's version follows it"

cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set; set it or XDG_CACHE_HOME}/.cache}/commentsapi/control-plane
assets=$cache/$version

if has_both "$assets"; then
	printf '%s\n' "$assets"
	exit 0
fi

command -v go >/dev/null 2>&1 || die "no go command found; install Go (the version in go.mod) or set KUBEBUILDER_ASSETS"
mkdir -p "$cache"

lock=$assets.lock
temp=
child=

release() {
	[ -z "$child" ] || kill "$child" 2>/dev/null || :
	[ -z "$temp" ] || {
		chmod -R u+w "$temp" 2>/dev/null || :
		rm -rf "$temp"
	}
	rm -rf "$lock"
}

# mkdir is the one lock that every file system and system has. The holder's
# process id is in it, so that a killed run doesn't lock out the next.
waited=0
while ! mkdir "$lock" 2>/dev/null; do
	holder=$(cat "$lock/pid" 2>/dev/null || :)
	if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
		say "removing the lock that process $holder left behind"
		rm -rf "$lock"
		continue
	fi
	if [ $((waited % 15)) -eq 0 ]; then
		say "process ${holder:-?} is preparing the control plane; waiting for it ($waited s so far)"
	fi
	# A lock without an id belongs to a run that died between two commands.
	if [ -z "$holder" ] && [ "$waited" -ge 60 ]; then
		rm -rf "$lock"
	fi
	sleep 1
	waited=$((waited + 1))
done
echo "$$" >"$lock/pid"
trap release EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if has_both "$assets"; then
	printf '%s\n' "$assets"
	exit 0
fi

temp=$(mktemp -d "$cache/.$version.XXXXXX")

# run LABEL TYPICAL COMMAND...: the command, with a sign of life every 15 s.
run() {
	label=$1 typical=$2
	shift 2
	started=$(date +%s)
	say "$label (typically $typical)"
	"$@" >"$temp/log" 2>&1 &
	child=$!
	ticks=0
	while kill -0 "$child" 2>/dev/null; do
		sleep 1
		ticks=$((ticks + 1))
		if [ $((ticks % 15)) -eq 0 ]; then
			say "$label: $(($(date +%s) - started)) s so far"
		fi
	done
	status=0
	wait "$child" || status=$?
	child=
	if [ "$status" -eq 0 ]; then
		say "$label: done in $(($(date +%s) - started)) s"
	fi
	return "$status"
}

# The newest patch release on offer of the same minor version will do.
download() {
	cd "$root" && GOWORK=off go run "$setup_envtest" use "${version%.*}.x" --bin-dir "$temp/download" -p path >"$temp/path"
}

build() {
	cd "$root/hack/controlplane" && GOWORK=off GOFLAGS='' CGO_ENABLED=0 go build -trimpath -buildvcs=false \
		-ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(echo "$version" | cut -d. -f2)" \
		-o "$temp/built/$1" "$2"
}

found=
if [ "${COMMENTSAPI_CONTROL_PLANE:-}" != build ]; then
	if run "trying to download Kubernetes ${version%.*}" "a minute, or an immediate no" download; then
		found=$(cat "$temp/path")
	else
		say "no download to be had here ($(grep -v -e '^go: ' -e '^exit status' "$temp/log" | tail -n 1)); building from source instead"
	fi
fi

if [ -z "$found" ]; then
	pinned=$(awk '$1 == "k8s.io/kubernetes" { print $2; exit }' "$root/hack/controlplane/go.mod")
	[ "$pinned" = "v$version" ] ||
		die "go.mod asks for Kubernetes $version, hack/controlplane/go.mod builds $pinned; bring them to the same version"
	mkdir "$temp/built"
	run "building etcd" "1 minute" build etcd go.etcd.io/etcd/server/v3 || {
		cat "$temp/log" >&2
		die "building etcd failed; the compiler's words are above"
	}
	run "building kube-apiserver $version" "5 minutes" build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver || {
		cat "$temp/log" >&2
		die "building kube-apiserver failed; the compiler's words are above"
	}
	found=$temp/built
fi

has_both "$found" || die "$found lacks etcd or kube-apiserver"
chmod u+w "$found"
rm -rf "$assets"
mv "$found" "$assets"
printf '%s\n' "$assets"
