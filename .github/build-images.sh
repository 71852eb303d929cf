#!/usr/bin/env bash
# Builds the services' images for one architecture and pushes them by digest, with provenance and a bill of materials.
#
#   build-images.sh <registry> <version> <amd64|arm64>
#
# Writes each digest to the file reports/digests/<architecture>/<service>.
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1,,} version=$2 architecture=$3
cache="type=registry,ref=$registry/build-cache:$architecture"
mkdir -p "reports/digests/$architecture"
for folder in services/*/; do
  service=$(basename "$folder")
  docker buildx build . --build-arg "SERVICE=$service" --platform "linux/$architecture" \
    --provenance=mode=max --sbom=true \
    --label "org.opencontainers.image.version=$version" \
    --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
    --label "org.opencontainers.image.source=$(git remote get-url origin)" \
    --cache-from "$cache" --cache-to "$cache,mode=max" \
    --output "type=image,name=$registry/meshmart/$service,push-by-digest=true,name-canonical=true,push=true" \
    --metadata-file reports/build.json
  jq --raw-output '."containerimage.digest"' reports/build.json >"reports/digests/$architecture/$service"
done
