import { UserError } from '../user-error.ts';
import type { ClusterAccess } from './access.ts';
import { accessTo } from './native/access.ts';
import { findNode } from './native/node-process.ts';
import { findCluster } from './native/settings.ts';

/** A cluster with the store, as those see it who want to use it. */
export interface RunningCluster {
  name: string;
  access: ClusterAccess;
  gatewayUrl: string;
}

/** @throws UserError saying how it comes to be, when there is none of that name */
export function findRunningCluster(name: string): RunningCluster {
  const cluster = findCluster(name);
  if (!cluster || !findNode(cluster.layout)) {
    throw new UserError(`There is no running cluster "${name}": npm run cluster -- up --name ${name}`);
  }
  return { name, access: accessTo(cluster.layout), gatewayUrl: `http://127.0.0.1:${cluster.port}` };
}
