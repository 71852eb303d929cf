#!/usr/bin/env bash
# PID 1 of the node, in its own network. Keeps the programs of a Kubernetes node running, with their usual paths.
set -euo pipefail
here=$(dirname "$0")
source "$here/keep-running.sh"
programs=/var/lib/meshmart
export PATH=$programs/debian/usr/sbin:$programs/debian/usr/bin:$programs/kubernetes:$programs/coredns:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
etc=/var/lib/kubernetes
export HOME=$etc # for kubectl's cache
daemon() { keep_running "/var/log/$1.log" "$@"; }

ip link set lo up
ip address add "$NODE_ADDRESS/30" dev eth0
ip link set eth0 up
ip route add default via "$HOST_ADDRESS"
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1

# A read-only Git server for Argo CD, in the node's network only. It serves the repository that the link store.git leads to, with
# the host's view of files. The checkout may belong to another user.
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' keep_running /var/log/git.log \
  nsenter --mount=/proc/self/fd/9 git daemon --listen="$NODE_ADDRESS" --reuseaddr \
  --export-all --strict-paths --base-path="$STATE/git" "$STATE/git/store.git"
exec 9<&-

"$here/write-configuration.sh" "$etc"
mkdir -p /var/lib/cni/bin /var/lib/volumes/1
cp -u "$programs"/debian/usr/lib/cni/* /var/lib/cni/bin/ # writable, because Istio adds its plugin

daemon containerd --config "$etc/containerd.toml"
daemon etcd --data-dir /var/lib/etcd --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
source "$here/control-plane.sh"
daemon kubelet --config "$etc/kubelet.yaml" --kubeconfig "$etc/kubelet.conf" --hostname-override "$NAME" --node-ip "$NODE_ADDRESS"
daemon kube-proxy --config "$etc/kube-proxy.yaml" --hostname-override "$NAME"
daemon coredns -conf "$etc/Corefile"
wait
