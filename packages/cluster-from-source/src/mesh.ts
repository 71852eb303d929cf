import { join } from 'node:path';
import type { IstioChart, MeshSource } from '@meshmart/cluster/provider';
import { versions } from '@meshmart/toolchain/versions';
import { istioHub, istioTag } from './image-recipes.ts';
import { toolFolder } from './tools.ts';

/** Folders of the charts in Istio's module. */
const folders: Record<IstioChart, string> = {
  base: 'base',
  cni: 'istio-cni',
  istiod: 'istio-control/istio-discovery',
  gateway: 'gateway',
};

/** Istio as it was built from its modules, with upstream's Envoy. */
export const meshFromSource: MeshSource = {
  provider: 'from-source',
  title: `Istio ${istioTag} with Envoy ${versions.envoy}`,
  chart: (name) => {
    const path = join(toolFolder('istio'), 'charts', folders[name]);
    // istiod injects the gateway's image.
    if (name === 'base' || name === 'gateway') return [path];
    return [path, '--set', `global.hub=${istioHub}`, '--set', `global.tag=${istioTag}`];
  },
  gatewayApi: join(toolFolder('gateway-api'), 'standard'),
  metricsServer: {
    manifests: join(toolFolder('metrics-server'), 'manifests'),
    kubeletTrust: '--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  },
};
