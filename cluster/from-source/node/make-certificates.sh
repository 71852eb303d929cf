#!/usr/bin/env bash
# Creates the cluster's certificate authority in the folder $1, and one certificate per program, unless they exist.
set -euo pipefail
cd "$1"
days=365
key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc)

# certificate NAME SUBJECT [EXTENSIONS]
certificate() {
  [ ! -f "$1.crt" ] || return 0
  openssl req "${key[@]}" -keyout "$1.key" -out "$1.csr" -subj "$2"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days $days -out "$1.crt.new" \
    -extfile <(echo "${3:-basicConstraints=CA:FALSE}")
  mv "$1.crt.new" "$1.crt"
}

[ -f ca.crt ] || { openssl req -x509 "${key[@]}" -keyout ca.key -out ca.crt.new -days $days -subj "/CN=$NAME" && mv ca.crt.new ca.crt; }
[ -f service-account.pub ] || { openssl genpkey -algorithm RSA -out service-account.key && openssl pkey -in service-account.key -pubout -out service-account.pub; }
kubernetes=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
certificate apiserver /CN=kube-apiserver "subjectAltName=$kubernetes,DNS:localhost,IP:127.0.0.1,IP:$NODE_ADDRESS,IP:$API_ADDRESS"
certificate admin /O=system:masters/CN=admin
certificate kubelet "/O=system:nodes/CN=system:node:$NAME" "subjectAltName=DNS:$NAME,IP:$NODE_ADDRESS"
certificate front-proxy /CN=front-proxy-client
certificate controller-manager /CN=system:kube-controller-manager
certificate scheduler /CN=system:kube-scheduler
certificate kube-proxy /CN=system:kube-proxy
