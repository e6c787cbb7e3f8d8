#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Checks the alert rules and the dashboard's queries with promtool and runs the
# rules' tests. promtool is in Debian's package prometheus; as root on Debian it
# is installed.
set -eu

cd "$(dirname -- "$0")/.."
if ! command -v promtool >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	printf 'installing promtool (Debian package prometheus)\n'
	{ apt-get update -q && apt-get install -q -y --no-install-recommends prometheus; } >/dev/null 2>&1 || :
fi
command -v promtool >/dev/null 2>&1 || {
	printf 'promtool is not installed and could not be; it comes with Prometheus\n' >&2
	exit 1
}

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
# promtool knows rule files, not the object around them: what is below "spec:",
# two columns to the left.
sed -n '/^spec:$/,$p' config/prometheus/rules.yaml | sed -e 1d -e 's/^  //' >"$temp/rules.yaml"
cp config/prometheus/rules_test/rules_test.yaml "$temp/"
# A query is checked as a recording rule; a string in JSON is one in YAML.
{
	printf 'groups:\n- name: dashboard\n  rules:\n'
	sed -n 's/^.*"expr": *\(".*"\),\{0,1\}$/\1/p' config/grafana/dashboard.json |
		awk '{ printf "  - record: panel:query%d\n    expr: %s\n", NR, $0 }'
} >"$temp/dashboard.yaml"
queries=$(grep -c 'record:' "$temp/dashboard.yaml")
[ "$queries" = "$(grep -c '"expr"' config/grafana/dashboard.json)" ] || {
	printf 'not every query of config/grafana/dashboard.json could be read: one "expr" to a line\n' >&2
	exit 1
}
promtool check rules "$temp/rules.yaml" "$temp/dashboard.yaml"
promtool test rules "$temp/rules_test.yaml"
