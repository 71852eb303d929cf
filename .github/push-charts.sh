#!/usr/bin/env bash
# Packages the charts for a version and pushes them. They then use the images that reports/published.txt lists, by digest.
#
#   push-charts.sh <registry> <version> [options of helm push]
#
# Adds each chart with its digest to reports/published.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1,,} version=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp --recursive --dereference charts "$work" # subcharts are symbolic links
values=$work/charts/store/values.yaml
registry=$registry version=$version \
  yq --inplace '.global.image.registry = strenv(registry) + "/" | .global.image.tag = strenv(version)' "$values"
for folder in services/*/; do
  service=$(basename "$folder")
  image=$(grep "^$registry/meshmart/$service@" reports/published.txt)
  service=$service digest=${image#*@} yq --inplace '.[strenv(service)].digest = strenv(digest)' "$values"
done
for chart in store observability; do
  helm package "$work/charts/$chart" --version "$version" --app-version "$version" --destination "$work"
  helm push "$work/$chart-$version.tgz" "oci://$registry/charts" "${@:3}" 2>&1 | tee "$work/push.log"
  sed -n "s|^Digest: |$registry/charts/$chart@|p" "$work/push.log" >>reports/published.txt
done
