#!/usr/bin/env bash
# Istio: istiod, the agent of a sidecar, istioctl, the CNI plugin and its installer; its charts and Envoy's bootstrap template.
source "$(dirname "$0")/go-module.sh"
source_dir=$(module_dir "istio.io/istio@v$version")

# The module proxy does not serve three required commits: use the nearest releases. Istio only registers types of Envoy's "contrib"
# extensions; those that the release lacks become empty packages.
contrib=github.com/envoyproxy/go-control-plane/contrib
cp -r "$(module_dir $contrib@v1.36.0)" contrib
chmod -R u+w contrib
grep -hoE "\"$contrib/[^\"]+\"" "$source_dir"/pkg/config/xds/*.gen.go | tr -d '"' | while read -r package; do
  folder=contrib/${package#"$contrib"/}
  [ -d "$folder" ] || { mkdir -p "$folder" && echo 'package stub' >"$folder/stub.go"; }
done
cat >>go.mod <<REPLACE
replace istio.io/api => istio.io/api v1.31.1
replace istio.io/client-go => istio.io/client-go v1.31.1
replace github.com/envoyproxy/go-control-plane/envoy => github.com/envoyproxy/go-control-plane/envoy v1.40.0
replace $contrib => ./contrib
REPLACE

link="-X istio.io/istio/pkg/version.buildVersion=$(cat "$source_dir/VERSION")-${version##*-}"
build_programs "v$version" istio.io/istio/{pilot/cmd/pilot-discovery,pilot/cmd/pilot-agent,istioctl/cmd/istioctl,cni/cmd/install-cni,cni/cmd/istio-cni}
cp -r "$source_dir/manifests/charts" "$out/charts"
cp "$source_dir/tools/packaging/common/envoy_bootstrap.json" "$out/"
chmod -R u+w "$out/charts" "$out/envoy_bootstrap.json"
