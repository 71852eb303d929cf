#!/usr/bin/env bash
# Prometheus, with the service discovery of Kubernetes alone: those of the clouds would take minutes more. The web interface is no
# part of the module; the HTTP API is.
source "$(dirname "$0")/go-module.sh"
IFS=. read -r major minor patch <<<"$version"
GOFLAGS+=" -tags=remove_all_sd,enable_kubernetes_sd"
link="-X github.com/prometheus/common/version.Version=$version"
# As a module it is v0, with major and minor in one number.
build_programs "$(printf 'v0.%d%02d.%d' "$major" "$minor" "$patch")" github.com/prometheus/prometheus/cmd/prometheus
