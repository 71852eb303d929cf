#!/usr/bin/env bash
source "$(dirname "$0")/go-module.sh"
link="-X helm.sh/helm/v3/internal/version.version=v$version"
build_programs "v$version" helm.sh/helm/v3/cmd/helm
