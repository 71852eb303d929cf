import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';

/** Up to four clusters exist at a time. */
export const HIGHEST_INDEX = 3;
export const PAUSE_IMAGE = 'localhost/meshmart/pause:1';

/** Name of a cluster, and the index that separates its network from those of other clusters. */
interface ClusterIdentity {
  name: string;
  index: number;
}

/** Paths and addresses of one cluster. */
export interface ClusterLayout extends ClusterIdentity {
  /** Folder with all its files: etcd, images, logs, certificates. */
  state: string;
  kubeconfig: string;
  nodeLog: string;
  /** Folder with one log file per program of the node. */
  logs: string;
  /** Path below the root of each cgroup hierarchy. */
  cgroup: string;
  /** Host's end of the pair of network interfaces. */
  hostInterface: string;
  hostAddress: string;
  nodeAddress: string;
  podRange: string;
  serviceRange: string;
  apiAddress: string;
  dnsAddress: string;
}

/** Folder that contains the clusters' folders. */
export const clustersDirectory = '/var/lib/meshmart-clusters';
export const nodeScripts = join(config.root, 'cluster/from-source/node');

/**
 * Returns the paths and addresses of a cluster. Each index has a quarter of 198.18.0.0/15. RFC 2544
 * reserves this range for benchmarks, so no other network uses it.
 */
export function layoutOfCluster({ name, index }: ClusterIdentity): ClusterLayout {
  const state = join(clustersDirectory, name);
  const quarter = index * 64;
  return {
    name,
    index,
    state,
    kubeconfig: join(state, 'var/lib/kubernetes/admin.conf'),
    nodeLog: join(state, 'node.log'),
    logs: join(state, 'var/log'),
    cgroup: `meshmart-${name}`,
    hostInterface: `meshmart${index}`,
    hostAddress: `198.18.${quarter}.1`,
    nodeAddress: `198.18.${quarter}.2`,
    podRange: `198.18.${quarter + 32}.0/19`,
    serviceRange: `198.19.${quarter}.0/18`,
    apiAddress: `198.19.${quarter}.1`,
    dnsAddress: `198.19.${quarter}.10`,
  };
}
