#!/usr/bin/env bash
# Kubernetes: control plane, kubelet, kube-proxy and kubectl.
source "$(dirname "$0")/go-module.sh"

# Kubernetes replaces its libraries with folders of its repository. Their modules are v0 with the same minor and patch version.
source_dir=$(module_dir "k8s.io/kubernetes@v$version")
sed -n 's/^\t\(k8s\.io\/[^ ]*\) => \.\/staging.*/\1/p' "$source_dir/go.mod" | while read -r library; do
  echo "replace $library => $library v0.${version#1.}"
done >>go.mod

IFS=. read -r major minor _ <<<"$version"
variable=k8s.io/component-base/version
link="-X $variable.gitVersion=v$version -X $variable.gitMajor=$major -X $variable.gitMinor=$minor"
build_programs "v$version" k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl}
