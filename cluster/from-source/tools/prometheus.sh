#!/usr/bin/env bash
# Prometheus with only the service discovery for Kubernetes: those for clouds would add minutes. The module contains the HTTP API,
# but no web interface.
source "$(dirname "$0")/go-module.sh"
IFS=. read -r major minor patch <<<"$version"
GOFLAGS+=" -tags=remove_all_sd,enable_kubernetes_sd"
link="-X github.com/prometheus/common/version.Version=$version"
# The module's version is v0, with major and minor version in one number.
build_programs "$(printf 'v0.%d%02d.%d' "$major" "$minor" "$patch")" github.com/prometheus/prometheus/cmd/prometheus
