#!/usr/bin/env bash
# Argo CD: its one program, the scripts of its image, and the manifests of its core, which syncs without the web interface.
source "$(dirname "$0")/go-module.sh"
inherit "github.com/argoproj/argo-cd/v3@v$version"
build_programs "v$version" github.com/argoproj/argo-cd/v3/cmd
mv "$out/cmd" "$out/argocd"
cp "$source_dir/manifests/core-install.yaml" "$out/"
cp "$source_dir/hack/gpg-wrapper.sh" "$source_dir/hack/git-verify-wrapper.sh" "$out/"
chmod u+w "$out"/*.{yaml,sh}
