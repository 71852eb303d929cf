import { join } from 'node:path';
import type { ClusterAccess } from '@meshmart/cluster/access';
import type { ClusterLayout } from './layout.ts';
import { toolFolder } from './tools.ts';

/** Returns access to a cluster with the programs that were built from source. */
export function accessTo({ kubeconfig, state }: ClusterLayout): ClusterAccess {
  return {
    kubeconfig,
    caches: join(state, 'caches'),
    kubectl: join(toolFolder('kubernetes'), 'kubectl'),
    helm: join(toolFolder('helm'), 'helm'),
    istioctl: join(toolFolder('istio'), 'istioctl'),
  };
}
