#!/usr/bin/env bash
# Builds an image from a Dockerfile and pushes it: build.sh STORAGE IMAGE DOCKERFILE CONTEXT DESTINATION [BUILDAH_OPTION...]
# What it is FROM comes out of the same storage; nothing is pulled.
set -euo pipefail
# buildah leaves a mount on its storage; in a mount namespace of its own, the host does not see it.
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$@"
storage=$1 image=$2 dockerfile=$3 context=$4 destination=$5
shift 5
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir -p "$storage"
buildah=(buildah --root "$storage" --runroot "$run" --storage-driver overlay)
"${buildah[@]}" build --isolation chroot --pull-never --layers --tag "$image" --file "$dockerfile" "$@" "$context"
"${buildah[@]}" push --quiet "$image" "$destination"
