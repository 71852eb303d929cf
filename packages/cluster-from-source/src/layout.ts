import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';

export const HIGHEST_INDEX = 3;
export const PAUSE_IMAGE = 'localhost/meshmart/pause:1';

/** Which cluster: several stand side by side by their names, and by an index that tells their networks apart. */
export interface ClusterIdentity {
  name: string;
  index: number;
}

/** Where everything of one cluster is. */
export interface ClusterLayout extends ClusterIdentity {
  /** All its files: etcd, images, logs, certificates. */
  state: string;
  kubeconfig: string;
  nodeLog: string;
  /** Of the node's programs, one file each. */
  logs: string;
  /** Below the root of every cgroup hierarchy. */
  cgroup: string;
  /** The host's end of the one pair of interfaces. */
  hostInterface: string;
  hostAddress: string;
  nodeAddress: string;
  podRange: string;
  serviceRange: string;
  apiAddress: string;
  dnsAddress: string;
}

/** Folders of all clusters, one per name. */
export const clustersDirectory = '/var/lib/meshmart-clusters';
export const nodeScripts = join(config.root, 'cluster/from-source/node');

/** Addresses are of 198.18.0.0/15, which RFC 2544 keeps for benchmarks: no network routes them. An index has a quarter of it. */
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
