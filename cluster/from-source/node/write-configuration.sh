#!/usr/bin/env bash
# Writes certificates and configuration into the folder $1, from the templates in configuration/ with placeholders such as @NAME@.
set -euo pipefail
umask 077 # the files contain keys of the whole cluster
etc=$1
here=$(dirname "$0")
mkdir -p "$etc/pki" /var/lib/cni/net.d
"$here/make-certificates.sh" "$etc/pki"

fill() {
  sed -e "s|@NAME@|$NAME|g" -e "s|@CGROUP@|$CGROUP|g" -e "s|@NODE_ADDRESS@|$NODE_ADDRESS|g" \
    -e "s|@POD_RANGE@|$POD_RANGE|g" -e "s|@DNS_ADDRESS@|$DNS_ADDRESS|g" -e "s|@PAUSE_IMAGE@|$PAUSE_IMAGE|g" \
    "$here/configuration/$1" >"$2"
}
for file in containerd.toml kubelet.yaml kube-proxy.yaml Corefile dns-service.yaml storage.yaml; do fill $file "$etc/$file"; done
# Istio adds its plugin to this file, so a restarted node keeps it.
[ -f /var/lib/cni/net.d/10-ptp.conflist ] || fill 10-ptp.conflist /var/lib/cni/net.d/10-ptp.conflist

inline() { base64 -w0 <"$etc/pki/$1"; }
for user in admin kubelet controller-manager scheduler kube-proxy; do
  cat >"$etc/$user.conf" <<CONF
apiVersion: v1
kind: Config
clusters: [{name: $NAME, cluster: {server: "https://$NODE_ADDRESS:6443", certificate-authority-data: $(inline ca.crt)}}]
users: [{name: $user, user: {client-certificate-data: $(inline $user.crt), client-key-data: $(inline $user.key)}}]
contexts: [{name: $NAME, context: {cluster: $NAME, user: $user}}]
current-context: $NAME
CONF
done
