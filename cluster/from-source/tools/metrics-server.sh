#!/usr/bin/env bash
# metrics-server and the manifests that install it.
source "$(dirname "$0")/go-module.sh"
build_programs "v$version" sigs.k8s.io/metrics-server/cmd/metrics-server
cp -r "$(module_dir sigs.k8s.io/metrics-server)/manifests/base" "$out/manifests"
chmod -R u+w "$out/manifests"
