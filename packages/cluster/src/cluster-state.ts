import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import type { DistributionName } from './distributions.ts';
import type { ProviderName, UpOptions } from './provider.ts';

/** What this checkout knows of a cluster that it has brought up, or has begun to. The provider "from-source" keeps notes of its own. */
export interface ClusterState {
  provider: Exclude<ProviderName, 'from-source'>;
  /** Of the gateway, on 127.0.0.1. */
  port: number;
  /** Where its images were pushed to, with a slash at the end. */
  registry?: string | undefined;
  /** Of images that were there already. */
  tag?: string | undefined;
  /** Of `existing`: whose cluster it is. */
  existing?: {
    context: string;
    /** The URL of its API. */
    server: string;
    /** What it had before, among that which is otherwise brought: names of namespaces and definitions. */
    had: string[];
    distribution?: DistributionName | undefined;
    /** Of the gateway, when the cluster gave it an address. */
    url?: string;
  };
}

/** Everything of one cluster that is not its provider's. */
export function stateFolder(name: string): string {
  return join(config.root, '.meshmart/clusters', name);
}

/** How it is reached: a file of our own, and never the user's. It is there as soon as Kubernetes was. */
export function kubeconfigFile(name: string): string {
  return join(stateFolder(name), 'kubeconfig');
}

/** @returns undefined when there is no cluster of that name */
export function readClusterState(name: string): ClusterState | undefined {
  const file = stateFile(name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeClusterState(name: string, saved: ClusterState): void {
  mkdirSync(stateFolder(name), { recursive: true, mode: 0o700 });
  const file = stateFile(name);
  writeFileSync(`${file}.new`, JSON.stringify(saved));
  renameSync(`${file}.new`, file);
}

/** Forgets a cluster that is gone. */
export function removeClusterState(name: string): void {
  rmSync(stateFolder(name), { recursive: true, force: true });
}

/** Which images are wanted from now on: what is told now, or else what was told before. */
export function chooseImages(
  saved: ClusterState | undefined,
  { registry, tag }: Pick<UpOptions, 'registry' | 'tag'>,
): Pick<ClusterState, 'registry' | 'tag'> {
  if (registry === undefined && tag === undefined) return { registry: saved?.registry, tag: saved?.tag };
  return { registry: registry?.replace(/\/*$/, '/'), tag };
}

function stateFile(name: string): string {
  return join(stateFolder(name), 'cluster.json');
}
