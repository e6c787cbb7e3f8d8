# syntax=docker/dockerfile:1
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0

# The operator's image. For several platforms at once:
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=v1.2.3 -t NAME:TAG --push .

# Go cross-compiles, so the build runs on the builder's own platform.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
# One place for what builds share, whoever they run as.
ENV GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/cache/mod go mod download
COPY api api
COPY cmd/manager cmd/manager
COPY controllers controllers
COPY internal internal
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/cache/mod --mount=type=cache,target=/cache/build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/manager ./cmd/manager

# No shell, no package manager: certificates and the binary.
FROM gcr.io/distroless/static:nonroot
COPY --from=build /out/manager /manager
USER 65532:65532
ENTRYPOINT ["/manager"]
