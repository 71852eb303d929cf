# Sourced by boot.sh. Starts the control plane, and creates the objects that everything else needs.
pki=$etc/pki
daemon kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$NODE_ADDRESS" --secure-port 6443 \
  --tls-cert-file $pki/apiserver.crt --tls-private-key-file $pki/apiserver.key --client-ca-file $pki/ca.crt \
  --service-account-issuer https://kubernetes.default.svc.cluster.local \
  --service-account-key-file $pki/service-account.pub --service-account-signing-key-file $pki/service-account.key \
  --service-cluster-ip-range "$SERVICE_RANGE" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
  --allow-privileged --kubelet-preferred-address-types InternalIP \
  --kubelet-client-certificate $pki/admin.crt --kubelet-client-key $pki/admin.key \
  --requestheader-client-ca-file $pki/ca.crt --requestheader-allowed-names front-proxy-client \
  --requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
  --requestheader-username-headers X-Remote-User \
  --proxy-client-cert-file $pki/front-proxy.crt --proxy-client-key-file $pki/front-proxy.key --enable-aggregator-routing
daemon kube-controller-manager --kubeconfig $etc/controller-manager.conf --root-ca-file $pki/ca.crt \
  --cluster-signing-cert-file $pki/ca.crt --cluster-signing-key-file $pki/ca.key \
  --service-account-private-key-file $pki/service-account.key --use-service-account-credentials --leader-elect=false \
  --flex-volume-plugin-dir /var/lib/kubelet/volume-plugins
daemon kube-scheduler --kubeconfig $etc/scheduler.conf --leader-elect=false

until kubectl --kubeconfig $etc/admin.conf get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
kubectl --kubeconfig $etc/admin.conf apply --filename $etc/dns-service.yaml --filename $etc/storage.yaml
