#!/usr/bin/env bash
# The definitions of the Gateway API.
source "$(dirname "$0")/go-module.sh"
cp -r "$(module_dir "sigs.k8s.io/gateway-api@v$version")/config/crd/standard" "$out/"
chmod -R u+w "$out/standard"
