import { existsSync } from 'node:fs';
import { accessFromPath, type ClusterAccess } from '@meshmart/cluster/access';
import { kubeconfigFile, readClusterState, stateFolder } from '@meshmart/cluster/cluster-state';
import type { ExistingMesh } from '@meshmart/cluster/existing-mesh';
import { commandLine, localUrl } from '@meshmart/cluster/provider';
import { accessTo } from '@meshmart/cluster-from-source/access';
import { findNode } from '@meshmart/cluster-from-source/node-process';
import { findCluster } from '@meshmart/cluster-from-source/settings';
import { UserError } from '@meshmart/terminal/user-error';

/** Access to a cluster that runs the store. */
export interface RunningCluster {
  name: string;
  access: ClusterAccess;
  gatewayUrl: string;
  /** Istio that the cluster had before `up`. */
  mesh?: ExistingMesh | undefined;
}

/** Finds a running cluster. @throws UserError with the command that creates it */
export function findRunningCluster(name: string): RunningCluster {
  const saved = readClusterState(name);
  const kubeconfig = kubeconfigFile(name);
  if (saved && existsSync(kubeconfig)) {
    const gatewayUrl = saved.existing?.url ?? localUrl(saved.port);
    const access = accessFromPath(kubeconfig, stateFolder(name));
    return { name, access, gatewayUrl, mesh: saved.existing?.mesh };
  }
  const cluster = findCluster(name);
  if (cluster && findNode(cluster.layout)) {
    return { name, access: accessTo(cluster.layout), gatewayUrl: localUrl(cluster.port) };
  }
  throw new UserError(`There is no running cluster "${name}": ${commandLine('up', name)}`);
}
