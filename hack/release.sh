#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Makes a release in dist/, and checks it, as far as that goes without
# publishing anything:
#   hack/release.sh v1.2.3 [IMAGE]
# IMAGE is what dist/install.yaml and the chart install
# (default: commentsapi-operator:VERSION).
#
# The binaries are built twice, from two directories and with two caches, and
# have to come out the same. For trying the script, RELEASE_PLATFORMS narrows
# what is built, RELEASE_OUT is where it goes instead of dist/, and RELEASE_CACHE
# keeps the second cache, which is used for nothing else.
set -eu

version=${1:?usage: hack/release.sh VERSION [IMAGE]}
image=${2:-commentsapi-operator:$version}
platforms=${RELEASE_PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64}

cd "$(dirname -- "$0")/.."
root=$(pwd)
say() { printf 'release: %s\n' "$*"; }
die() {
	printf 'release: %s\n' "$*" >&2
	exit 1
}

case $version in
v[0-9]*.[0-9]*.[0-9]*) ;;
*) die "version $version: give one like v1.2.3" ;;
esac
[ -z "$(git status --porcelain)" ] || [ -n "${RELEASE_UNCOMMITTED:-}" ] ||
	die "there are uncommitted changes; a release is made of a commit"

say "1. what the repository says of the version"
grep -q "^appVersion: $version\$" config/chart/Chart.yaml || die "config/chart/Chart.yaml: appVersion isn't $version"
grep -q "^version: ${version#v}\$" config/chart/Chart.yaml || die "config/chart/Chart.yaml: version isn't ${version#v}"
grep -q "newTag: $version\$" config/default/kustomization.yaml || die "config/default/kustomization.yaml: newTag isn't $version"
grep -q "${version#v}" CHANGELOG.md || die "CHANGELOG.md doesn't speak of ${version#v}"

temp=$(mktemp -d)
trap 'chmod -R u+w "$temp"; rm -rf "$temp"' EXIT
dist=${RELEASE_OUT:-$root/dist}
rm -rf "$dist"
mkdir -p "$dist"
dist=$(cd "$dist" && pwd)

# build DIRECTORY CACHE: all programs for all platforms, from a copy of the
# commit, into DIRECTORY/out.
build() {
	mkdir -p "$1/src" "$1/out"
	git archive HEAD | tar -x -C "$1/src"
	for platform in $platforms; do
		for program in manager commentsctl; do
			# The operator runs on Linux; people use other systems too.
			case $program/$platform in manager/darwin/*) continue ;; esac
			(cd "$1/src" && GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0 GOCACHE=$2 GOFLAGS='' GOWORK=off \
				go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" \
				-o "$1/out/$program-${platform%/*}-${platform#*/}" "./cmd/$program")
		done
	done
}

say "2. binaries for $platforms"
for platform in $platforms; do
	# The tests have compiled everything for this machine.
	[ "$platform" = "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" ] ||
		GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0 go vet ./...
done
build "$temp/one" "$(go env GOCACHE)"
say "3. the same once more, elsewhere and with a cache of its own"
build "$temp/another/place" "${RELEASE_CACHE:-$temp/cache}"
for file in "$temp"/one/out/*; do
	cmp "$file" "$temp/another/place/out/$(basename "$file")" || die "$(basename "$file") is not reproducible"
done
cp "$temp"/one/out/* "$dist"/

for program in manager commentsctl; do
	host=$dist/$program-$(go env GOOS)-$(go env GOARCH)
	if [ -x "$host" ]; then
		"$host" --version | grep -q "$version" || die "$host doesn't know its version"
	fi
done

say "4. what is in them (SBOM, CycloneDX)"
(cd hack/sbom && GOWORK=off go build -o "$temp/cyclonedx-gomod" github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod)
for file in "$temp"/one/out/*; do
	"$temp/cyclonedx-gomod" bin -json -noserial -version "$version" -output "$dist/$(basename "$file").cdx.json" "$file" 2>/dev/null
done

say "5. what people install"
(cd hack/install && GOWORK=off go run ./build-installer -dir "$root/config/default" -image "$image" -out "$dist/install.yaml")
(cd hack/install && GOWORK=off go run helm.sh/helm/v3/cmd/helm package "$root/config/chart" --destination "$dist") >/dev/null

say "6. checksums"
(cd "$dist" && sha256sum -- * >"$temp/SHA256SUMS" && mv "$temp/SHA256SUMS" SHA256SUMS && sha256sum --check --quiet SHA256SUMS)

say "7. the image's bases"
unpinned=$(grep '^FROM' Dockerfile | grep -v '@sha256:' || :)
if [ -n "$unpinned" ]; then
	printf '%s\n' "$unpinned"
	say "not pinned by digest; before the image is published, look up the digests of the lines above"
	say "(docker buildx imagetools inspect NAME:TAG) and put them behind the tags"
fi

say "done: $dist holds"
(cd "$dist" && wc -c -- *)
cat <<END

What is left to do by hand, in this order:
  git tag -s $version && git push origin $version
  docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=$version -t $image --push .
  upload everything in $dist to the release, with the part of CHANGELOG.md that speaks of it
END
[ -z "$unpinned" ] || [ -z "${RELEASE_STRICT:-}" ] || die "RELEASE_STRICT is set, and the bases aren't pinned"
