#!/usr/bin/env bash
# Argo Rollouts' controller and the manifests that install it.
source "$(dirname "$0")/go-module.sh"
inherit "github.com/argoproj/argo-rollouts@v$version"
build_programs "v$version" github.com/argoproj/argo-rollouts/cmd/rollouts-controller
cp "$source_dir/manifests/install.yaml" "$out/"
chmod u+w "$out/install.yaml"
