import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, LOWEST_PORT } from '@meshmart/cluster/provider';
import { UserError } from '@meshmart/terminal/user-error';
import { type ClusterLayout, clustersDirectory, HIGHEST_INDEX, layoutOfCluster } from './layout.ts';

/** A cluster of this provider: its paths and addresses, and the port of its gateway on 127.0.0.1. */
export interface SourceCluster {
  layout: ClusterLayout;
  port: number;
}

/** The settings file of a cluster. */
interface ClusterSettings {
  index: number;
  port: number;
}

/** Finds a cluster by its name. @returns undefined if there is none */
export function findCluster(name: string): SourceCluster | undefined {
  const file = settingsFile(name);
  if (!existsSync(file)) return undefined;
  const { index, port }: ClusterSettings = JSON.parse(readFileSync(file, 'utf8'));
  return { layout: layoutOfCluster({ name, index }), port };
}

/**
 * Returns the cluster of that name, or plans a new one with the first free index.
 *
 * @param port of the gateway; the default depends on the index
 * @throws UserError if the cluster has another port, or if all indexes are taken
 */
export function findOrPlanCluster(name: string, port?: number): SourceCluster {
  const found = findCluster(name);
  if (!found) {
    const index = findFreeIndex();
    return { layout: layoutOfCluster({ name, index }), port: port ?? LOWEST_PORT + index };
  }
  if (port === undefined || port === found.port) return found;
  throw new UserError(
    `Cluster "${name}" has port ${found.port}. To change it, delete the cluster first: ${commandLine('down', name)}`,
  );
}

/** Creates the cluster's folder, which reserves its name and index. */
export function saveCluster({ layout, port }: SourceCluster): void {
  const settings: ClusterSettings = { index: layout.index, port };
  mkdirSync(layout.state, { recursive: true, mode: 0o700 });
  writeFileSync(settingsFile(layout.name), JSON.stringify(settings));
}

/** Lists all clusters of this provider. */
export function listClusters(): SourceCluster[] {
  if (!existsSync(clustersDirectory)) return [];
  return readdirSync(clustersDirectory).flatMap((name) => findCluster(name) ?? []);
}

function findFreeIndex(): number {
  const taken = new Set(listClusters().map(({ layout }) => layout.index));
  for (let index = 0; index <= HIGHEST_INDEX; index++) if (!taken.has(index)) return index;
  throw new UserError(
    `All ${HIGHEST_INDEX + 1} clusters of this machine exist already. Delete one: ${commandLine('down', '<name>')}`,
  );
}

function settingsFile(name: string): string {
  return join(layoutOfCluster({ name, index: 0 }).state, 'cluster.json');
}
