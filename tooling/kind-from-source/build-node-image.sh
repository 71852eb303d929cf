#!/usr/bin/env bash
# Builds kind's node image within the sandbox, unless it exists, and loads the images on which the store's are based:
# build-node-image.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$1
image=$(sed -n 's/.*"nodeImage": "\(.*\)".*/\1/p' "$cache/sources.json")
made_of=$(cat "$here/Dockerfile" "$here"/*.sh "$cache/images" | sha256sum | cut -c1-12)
[ "$(docker image inspect --format '{{index .Config.Labels "made-of"}}' "$image" 2>/dev/null)" != "$made_of" ] || exit 0

export DOCKER_BUILDKIT=1 TMPDIR=$cache/tmp # kind leaves an unpacked archive there
rm -rf "$TMPDIR"
mkdir -p "$TMPDIR"/{context,kubernetes/server/bin}
trap 'rm -rf "$TMPDIR"' EXIT
cd "$TMPDIR"

for program in kube-{apiserver,controller-manager,scheduler,proxy,network-policies} etcd coredns local-path-provisioner crictl; do
  cp --link "$(command -v "$program")" context/
done
cp -r "$cache/programs/node-files" "$here/kindnetd.sh" context/
chmod -R go=rX context
loaded=()
while read -r archive; do loaded+=("$(docker load --quiet --input "$archive" | sed 's/^Loaded image: //')"); done <"$cache/images"
version=$(kubeadm version --output short)
for target in base programs network; do
  docker build --quiet --target $target --tag "meshmart-kind/$target" --label "made-of=$made_of" --file "$here/Dockerfile" context
done

# The names for which kind looks: those of `kubeadm config images list`, and of its const_cni.go and const_storage.go.
names=()
name() { docker tag "$1" "$2" && names+=("$2"); }
for program in kube-{apiserver,controller-manager,scheduler}; do name meshmart-kind/programs "registry.k8s.io/$program:$version"; done
name meshmart-kind/programs registry.k8s.io/etcd:3.6.6-0
name meshmart-kind/programs registry.k8s.io/coredns/coredns:v1.13.1
name meshmart-kind/programs docker.io/kindest/local-path-provisioner:v20260820-69b56db7
name meshmart-kind/network "registry.k8s.io/kube-proxy:$version"
name meshmart-kind/network docker.io/kindest/kindnetd:v20260820-69b56db7
name localhost/meshmart/pause:1 registry.k8s.io/pause:3.10
name debian:bookworm-slim docker.io/kindest/local-path-helper:v20260131-7181c60a

# kind loads the images of four archives. It reads their names from the first of manifest.json and repositories; manifest.json
# names those of the first image only, and without docker.io.
for name in "${names[@]}"; do printf ',"%s":{"%s":""}' "${name%:*}" "${name##*:}"; done | sed 's/^,/{/; s/$/}/' >repositories
docker save --output all.tar "${names[@]}" "${loaded[@]}"
tar --create --file kubernetes/server/bin/kube-proxy.tar repositories
tar --concatenate --file kubernetes/server/bin/kube-proxy.tar all.tar
rm all.tar
for program in apiserver controller-manager scheduler; do
  docker save --output "kubernetes/server/bin/kube-$program.tar" registry.k8s.io/pause:3.10
done
cp --link "$(command -v kubeadm)" "$(command -v kubelet)" "$(command -v kubectl)" kubernetes/server/bin/
echo "$version" >kubernetes/version
tar --create kubernetes | node -e 'process.stdin.pipe(require("zlib").createGzip({ level: 0 })).pipe(process.stdout)' >kubernetes.tar.gz
rm -r kubernetes
kind build node-image --type file --base-image meshmart-kind/base --image "$image" kubernetes.tar.gz
# The store's images are based on two of those that were loaded.
printf '%s\n' "${names[@]}" "${loaded[@]}" | grep -vE '^(debian|node):' | xargs docker image rm >/dev/null
docker image prune --force >/dev/null
