#!/bin/sh
# In place of kindnetd, whose source no Go module contains: the same plugins for a single node, and the same engine for
# NetworkPolicies.
set -eu
mkdir -p /etc/cni/net.d
cat >/etc/cni/net.d/10-kindnet.conflist.new <<JSON
{"cniVersion": "0.4.0", "name": "kindnet", "plugins": [
  {"type": "ptp", "ipMasq": true, "mtu": 1500, "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam-state",
    "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[{"subnet": "${POD_SUBNET%%,*}"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
mv /etc/cni/net.d/10-kindnet.conflist.new /etc/cni/net.d/10-kindnet.conflist
exec kube-network-policies --v=2 --disable-nri --metrics-bind-address=127.0.0.1:19080 --netfilter-bug-1766-fix=false
