import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOWEST_PORT } from '@meshmart/cluster/provider';
import { UserError } from '@meshmart/terminal/user-error';
import { type ClusterLayout, clustersDirectory, HIGHEST_INDEX, layoutOfCluster } from './layout.ts';

/** What was chosen when the cluster came to be. */
export interface ClusterSettings {
  index: number;
  /** Of the gateway, on 127.0.0.1. */
  port: number;
}

export interface Cluster {
  layout: ClusterLayout;
  port: number;
}

/** @returns undefined when there is no cluster of that name */
export function findCluster(name: string): Cluster | undefined {
  const file = settingsFile(name);
  if (!existsSync(file)) return undefined;
  const { index, port }: ClusterSettings = JSON.parse(readFileSync(file, 'utf8'));
  return { layout: layoutOfCluster({ name, index }), port };
}

/**
 * The cluster of that name with the settings that it has, or the plan of a new one with those that are wanted.
 *
 * @throws UserError when it has other ones, or when the index is another cluster's
 */
export function findOrPlanCluster(name: string, wanted: Partial<ClusterSettings>): Cluster {
  const found = findCluster(name);
  if (found) {
    assertSame(name, 'index', found.layout.index, wanted.index);
    assertSame(name, 'port', found.port, wanted.port);
    return found;
  }
  const index = wanted.index ?? findFreeIndex();
  const holder = listClusters().find(({ layout }) => layout.index === index);
  if (holder) {
    throw new UserError(
      `Cluster "${holder.layout.name}" has index ${index}: choose another one, or leave it away: ./meshmart cluster up --index <0 to ${HIGHEST_INDEX}>`,
    );
  }
  return { layout: layoutOfCluster({ name, index }), port: wanted.port ?? LOWEST_PORT + index };
}

/** Makes the cluster's folder: from now on it is one, and takes its index. */
export function saveCluster({ layout, port }: Cluster): void {
  const settings: ClusterSettings = { index: layout.index, port };
  mkdirSync(layout.state, { recursive: true, mode: 0o700 });
  writeFileSync(settingsFile(layout.name), JSON.stringify(settings));
}

export function listClusters(): Cluster[] {
  if (!existsSync(clustersDirectory)) return [];
  return readdirSync(clustersDirectory).flatMap((name) => findCluster(name) ?? []);
}

function findFreeIndex(): number {
  const taken = new Set(listClusters().map(({ layout }) => layout.index));
  for (let index = 0; index <= HIGHEST_INDEX; index++) if (!taken.has(index)) return index;
  throw new UserError(
    `There are ${HIGHEST_INDEX + 1} clusters, and no more can be told apart: ./meshmart cluster down --name <one of them>`,
  );
}

function assertSame(name: string, setting: string, has: number, wanted: number | undefined): void {
  if (wanted === undefined || wanted === has) return;
  throw new UserError(
    `Cluster "${name}" has ${setting} ${has}; to change it, begin anew: ./meshmart cluster down --name ${name}`,
  );
}

function settingsFile(name: string): string {
  return join(layoutOfCluster({ name, index: 0 }).state, 'cluster.json');
}
