#!/usr/bin/env bash
# Builds kind, and the programs of its node that the provider `from-source` does not need, and unpacks Docker:
# build-programs.sh FOLDER KUBERNETES_VERSION. Keeps programs that exist.
set -euo pipefail
out=$1 kubernetes=$2
# Go's caches, apart from the user's own. They take gigabytes, and nothing needs them after the last build.
export GOCACHE=$out/go/compiled GOMODCACHE=$out/go/modules GOTMPDIR=$out/go/tmp
export GOTOOLCHAIN=auto GOWORK=off GOFLAGS='-buildvcs=false -mod=mod -modcacherw' CGO_ENABLED=0
mkdir -p "$GOTMPDIR"

# build NAME MODULE VERSION PACKAGE [VARIABLE=VALUE...]: builds a package in a copy of its module, with the module's requirements.
build() {
  local name=$1 module=$2 version=$3 package=$4 source=$out/go/$1
  [ ! -x "$out/$name" ] || return 0
  echo "$name $version"
  rm -rf "$source"
  cp -r "$(go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$source"
  chmod -R u+w "$source"
  cd "$source"
  # Libraries of Kubernetes have the same minor and patch version. Other folders of a repository have the version of the module.
  sed -i -E -e "s|=> \./staging/src/(.*)|=> \1 v0.${version#v1.}|" -e '/=> \.\.?\//d' go.mod
  case $name in
    kind) rm -rf "$out/node-files" && cp -r images/base/files "$out/node-files" ;;
    # Kernels without CONFIG_NFT_QUEUE refuse the statement "queue" of nftables. The target NFQUEUE of iptables does the same; its
    # bytes are the first queue and the number of queues.
    kube-network-policies) perl -0pi -e 's/&expr\.Queue\{.*?\n\t\}/&expr.Target{Name: "NFQUEUE", Rev: 3,
        Info: &xt.Unknown{byte(c.config.QueueID), byte(c.config.QueueID >> 8), 1, 0, 0, 0, 0, 0}}/sg;
      s|(google/nftables/expr"\n)|$1\t"github.com/google/nftables/xt"\n|' pkg/networkpolicy/controller.go ;;
  esac
  go build -ldflags="-s -w ${*:5}" -o "$out/$name.new" "$package"
  mv "$out/$name.new" "$out/$name"
}

IFS=. read -r major minor _ <<<"$kubernetes"
variable=k8s.io/component-base/version
build kubeadm k8s.io/kubernetes "v$kubernetes" ./cmd/kubeadm \
  "-X $variable.gitVersion=v$kubernetes -X $variable.gitMajor=$major -X $variable.gitMinor=$minor"
build etcd go.etcd.io/etcd/server/v3 v3.6.6 .
build kube-network-policies sigs.k8s.io/kube-network-policies v0.8.0 ./cmd
build local-path-provisioner github.com/rancher/local-path-provisioner v0.0.30 .
build crictl sigs.k8s.io/cri-tools v1.34.0 ./cmd/crictl '-X sigs.k8s.io/cri-tools/pkg/version.Version=1.34.0'
build kind sigs.k8s.io/kind v0.33.0 .
rm -rf "$out/go"

[ ! -d "$out/docker" ] || exit 0
rm -rf "$out/docker.new"
mkdir "$out/docker.new"
cd "$out/docker.new"
# Unpacked, because an installation would start a server.
packages=(docker.io slirp4netns libslirp0)
apt-get download "${packages[@]}" || { apt-get update && apt-get download "${packages[@]}"; }
for package in *.deb; do dpkg-deb --extract "$package" . && rm "$package"; done
mv "$out/docker.new" "$out/docker"
