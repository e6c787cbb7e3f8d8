#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Runs the tests of the comments section in a real Chromium, against the real
# local run; with a directory as argument it writes screenshots there instead.
# Installs what is missing: Chromium (and, for screenshots, fonts) from Debian
# as root, axe-core from npm into the user's cache.
#
# Reads KUBEBUILDER_ASSETS and BROWSERFLAGS (further flags of go test). Needs
# bin/commentsctl and bin/manager; make browser builds them.
set -eu

axe_version=4.14.1

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
screenshots=${1:-}

say() { printf 'browser: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# packages NAME...: installs Debian packages, where that is possible.
packages() {
	{ command -v apt-get && [ "$(id -u)" = 0 ]; } >/dev/null || return 1
	say "installing $*"
	log=$(mktemp)
	if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)
if [ -z "$chromium" ]; then
	packages chromium || die "no Chromium found, and it can't be installed here; install it, for example with: apt-get install chromium"
	chromium=$(command -v chromium)
fi

axe=${XDG_CACHE_HOME:-${HOME:?HOME is not set; set it or XDG_CACHE_HOME}/.cache}/commentsapi/axe-core-$axe_version
if [ ! -f "$axe/installed" ]; then
	command -v npm >/dev/null || die "no npm found; install Node.js, which brings it, to get axe-core"
	say "installing axe-core $axe_version into $axe"
	mkdir -p "$axe"
	npm install --ignore-scripts --no-audit --no-fund --silent --prefix "$axe" "axe-core@$axe_version" </dev/null >&2
	touch "$axe/installed"
fi

if [ -n "$screenshots" ]; then
	mkdir -p "$screenshots"
	screenshots=$(CDPATH='' cd -- "$screenshots" && pwd)
	[ -n "$(fc-list Inter 2>/dev/null)" ] || packages fontconfig fonts-inter fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji ||
		say "the fonts of the documentation's pictures can't be installed; yours are used"
	set -- -run '^TestScreenshots$' -args -screenshots "$screenshots"
else
	set -- -args
fi

cd "$root/hack/browser"
# shellcheck disable=SC2086 # BROWSERFLAGS are several words.
GOWORK=off exec go test -count=1 -timeout 10m ${BROWSERFLAGS:-} "$@" \
	-commentsctl "$root/bin/commentsctl" -chromium "$chromium" -axe "$axe/node_modules/axe-core/axe.min.js"
