#!/usr/bin/env bash
# Makes one image of each service from those in the folder reports/digests/, and tags it with the version.
#
#   merge-images.sh <registry> <version>
#
# Writes each image with its digest to reports/published.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1,,} version=$2
published=reports/published.txt
: >"$published"
for folder in services/*/; do
  service=$(basename "$folder")
  image=$registry/meshmart/$service
  mapfile -t parts < <(sed "s|^|$image@|" reports/digests/*/"$service")
  docker buildx imagetools create --tag "$image:$version" "${parts[@]}"
  docker buildx imagetools inspect "$image:$version" --format "$image@{{.Manifest.Digest}}{{println}}" >>"$published"
done
