import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import type { PlatformName } from './platform.ts';
import type { ProviderName, UpOptions } from './provider.ts';

/** What this checkout knows of a cluster that it has brought up, or has begun to. The provider "native" keeps notes of its own. */
export interface ClusterNote {
  provider: Exclude<ProviderName, 'native'>;
  /** Of the gateway, on 127.0.0.1. */
  port: number;
  /** Where its images were pushed to, with a slash at the end. */
  registry?: string | undefined;
  /** Of images that were there already. */
  tag?: string | undefined;
  /** Of `current`: whose cluster it is. */
  current?: {
    context: string;
    /** The URL of its API. */
    server: string;
    /** What it had before, among that which is otherwise brought: names of namespaces and definitions. */
    had: string[];
    platform?: PlatformName | undefined;
    /** Of the gateway, when the cluster gave it an address. */
    url?: string;
  };
}

/** Everything of one cluster that is not its provider's. */
export function stateOf(name: string): string {
  return join(config.root, '.meshmart/clusters', name);
}

/** How it is reached: a file of our own, and never the user's. It is there as soon as Kubernetes was. */
export function kubeconfigOf(name: string): string {
  return join(stateOf(name), 'kubeconfig');
}

/** @returns undefined when there is no cluster of that name */
export function readNote(name: string): ClusterNote | undefined {
  const file = noteFile(name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeNote(name: string, note: ClusterNote): void {
  mkdirSync(stateOf(name), { recursive: true, mode: 0o700 });
  const file = noteFile(name);
  writeFileSync(`${file}.new`, JSON.stringify(note));
  renameSync(`${file}.new`, file);
}

/** Forgets a cluster that is gone. */
export function removeState(name: string): void {
  rmSync(stateOf(name), { recursive: true, force: true });
}

/** Which images are wanted from now on: what is told now, or else what was told before. */
export function noteImages(
  note: ClusterNote | undefined,
  { registry, tag }: Pick<UpOptions, 'registry' | 'tag'>,
): Pick<ClusterNote, 'registry' | 'tag'> {
  if (registry === undefined && tag === undefined) return { registry: note?.registry, tag: note?.tag };
  return { registry: registry?.replace(/\/*$/, '/'), tag };
}

function noteFile(name: string): string {
  return join(stateOf(name), 'cluster.json');
}
