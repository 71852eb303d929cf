#!/usr/bin/env bash
# Kubernetes: control plane, kubelet, kube-proxy and kubectl.
source "$(dirname "$0")/go-module.sh"

# Kubernetes replaces its own libraries by folders of its repository; as modules they are v0 of the same minor and patch.
source_dir=$(module_dir "k8s.io/kubernetes@v$version")
sed -n 's/^\t\(k8s\.io\/[^ ]*\) => \.\/staging.*/\1/p' "$source_dir/go.mod" | while read -r library; do
  echo "replace $library => $library v0.${version#1.}"
done >>go.mod

IFS=. read -r major minor _ <<<"$version"
variable=k8s.io/component-base/version
link="-X $variable.gitVersion=v$version -X $variable.gitMajor=$major -X $variable.gitMinor=$minor"
build_programs "v$version" k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl}
