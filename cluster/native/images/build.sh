#!/usr/bin/env bash
# Builds an image from a Dockerfile into an archive: build.sh STORAGE IMAGE DOCKERFILE CONTEXT ARCHIVE [BUILDAH_OPTION...]
# What it is FROM comes out of the same storage; nothing is pulled.
set -euo pipefail
# buildah leaves a mount on its storage; in a mount namespace of its own, the host does not see it.
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$@"
storage=$1 image=$2 dockerfile=$3 context=$4 archive=$5
shift 5
run=$(mktemp -d)
trap 'rm -rf "$run" "$archive.new"' EXIT
mkdir -p "$storage"
buildah=(buildah --root "$storage" --runroot "$run" --storage-driver overlay)
"${buildah[@]}" build --isolation chroot --pull-never --layers --tag "$image" --file "$dockerfile" "$@" "$context"
rm -f "$archive.new"
"${buildah[@]}" push --quiet "$image" "docker-archive:$archive.new:$image"
mv "$archive.new" "$archive"
