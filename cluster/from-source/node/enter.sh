#!/usr/bin/env bash
# PID 1 of the node, at first in the host's network. Enters its own cgroup and view of the file system, opens the one port on
# localhost, and then enters its own network.
set -euo pipefail
here=$(dirname "$0")
source "$here/keep-running.sh"

# A separate cgroup root: a kubelet kills all pods below its root that it does not know. The node's programs are beside its pods.
# In version 1 each controller has a separate tree.
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
  # Otherwise all pods and programs of the node together would get as much of a busy machine as one other process.
  [ ! -f "$tree/$CGROUP/cpu.shares" ] || echo 8192 >"$tree/$CGROUP/cpu.shares"
  [ ! -f "$tree/$CGROUP/cpu.weight" ] || echo 800 >"$tree/$CGROUP/cpu.weight"
done

# The node gets its own /var and /run, because files there would stay on the host, and copies of kernel settings that a kubelet
# would change for the whole machine.
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

# Forwards the gateway's port on localhost: in the host's network, but part of this process tree.
programs=/var/lib/meshmart
keep_running /var/log/forwarder.log "$programs/nodejs/$(basename "$NODE_BINARY")" "$programs/node/forward.mjs" "$PORT" "$NODE_ADDRESS" "$GATEWAY_NODE_PORT"

# The only thing on the host: one end of a pair of interfaces, which disappears with the other end.
ip netns add node
ip link delete "$HOST_INTERFACE" 2>/dev/null || true
ip link add "$HOST_INTERFACE" type veth peer name eth0 netns node
ip address add "$HOST_ADDRESS/30" dev "$HOST_INTERFACE"
ip link set "$HOST_INTERFACE" up
exec nsenter --net=/run/netns/node "$programs/node/boot.sh"
