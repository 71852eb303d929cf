#!/usr/bin/env bash
# PID 1 of the node, at first still in the host's network: takes a cgroup and a view of the file system of its own, opens the one
# port on localhost, and leaves for a network of its own.
set -euo pipefail
here=$(dirname "$0")
source "$here/keep-running.sh"

# A cgroup root of its own, since a kubelet ends every pod below its root that it does not know; the node's own programs are
# beside its pods. In version 1 every controller has a tree of its own.
for tree in /sys/fs/cgroup /sys/fs/cgroup/*/; do
  [ -f "$tree/cgroup.procs" ] || continue
  [ "$tree" = /sys/fs/cgroup ] || [ ! -f /sys/fs/cgroup/cgroup.controllers ] || continue
  mkdir -p "$tree/$CGROUP/node"
  for folder in "$tree/$CGROUP" "$tree/$CGROUP/node"; do
    for file in cpuset.cpus cpuset.mems; do
      [ ! -f "$tree/$file" ] || [ -n "$(cat "$folder/$file")" ] || cat "$tree/$file" >"$folder/$file"
    done
  done
  echo 0 >"$tree/$CGROUP/node/cgroup.procs"
  # All the node's pods and programs together would otherwise have no more of a busy machine than one process beside them.
  [ ! -f "$tree/$CGROUP/cpu.shares" ] || echo 8192 >"$tree/$CGROUP/cpu.shares"
  [ ! -f "$tree/$CGROUP/cpu.weight" ] || echo 800 >"$tree/$CGROUP/cpu.weight"
done

# What the node writes outside its own folders would stay on the host: it gets a /var and a /run of its own, and copies of the
# kernel's settings that a kubelet would change for the whole machine.
programs=$STATE/var/lib/meshmart
mkdir -p "$STATE"/git "$STATE"/var/{lib,log,tmp,cache} "$programs"/{node,nodejs,kubernetes,coredns,debian}
ln -sfn /run "$STATE/var/run"
mount --bind "$here" "$programs/node"
mount --bind "$(dirname "$NODE_BINARY")" "$programs/nodejs"
mount --bind "$KUBERNETES" "$programs/kubernetes"
mount --bind "$COREDNS" "$programs/coredns"
mount --bind "$DEBIAN_PROGRAMS" "$programs/debian"
mount --rbind "$STATE/var" /var
mount -t tmpfs -o mode=755 tmpfs /run
mount --make-rshared /
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  mkdir -p "/run/sysctl/${setting%/*}"
  cat "/proc/sys/$setting" >"/run/sysctl/$setting"
  mount --bind "/run/sysctl/$setting" "/proc/sys/$setting"
done

# The store's port on localhost: in the host's network, but in this process tree.
programs=/var/lib/meshmart
keep_running /var/log/forwarder.log "$programs/nodejs/$(basename "$NODE_BINARY")" "$programs/node/forward.mjs" "$PORT" "$NODE_ADDRESS" "$GATEWAY_NODE_PORT"

# The one thing on the host: an end of a pair of interfaces, which goes when the other one does.
ip netns add node
ip link delete "$HOST_INTERFACE" 2>/dev/null || true
ip link add "$HOST_INTERFACE" type veth peer name eth0 netns node
ip address add "$HOST_ADDRESS/30" dev "$HOST_INTERFACE"
ip link set "$HOST_INTERFACE" up
exec nsenter --net=/run/netns/node "$programs/node/boot.sh"
