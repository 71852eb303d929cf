import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import type { DistributionName } from './distributions.ts';
import type { ExistingMesh } from './existing-mesh.ts';
import type { ProviderName, UpOptions } from './provider.ts';

/** State of a cluster that this checkout has created. The provider "from-source" stores its own (settings.ts). */
export interface ClusterState {
  provider: Exclude<ProviderName, 'from-source'>;
  /** Port of the gateway on 127.0.0.1. */
  port: number;
  /** Registry of its images, with a slash at the end. */
  registry?: string | undefined;
  /** Tag of images that existed already. */
  tag?: string | undefined;
  /** Platform that images are built for. */
  platform?: string | undefined;
  /** For the provider `existing`. */
  existing?: {
    context: string;
    /** URL of its API server. */
    server: string;
    /** Namespaces and definitions that `up` would create, but the cluster had already. */
    preexisting: string[];
    distribution?: DistributionName | undefined;
    /** Istio that the cluster had already. */
    mesh?: ExistingMesh | undefined;
    /** Whether the gateway's load balancer is open to the internet. */
    public?: boolean | undefined;
    /** URL of the gateway, if a load balancer gave it an address. */
    url?: string;
  };
}

/** Returns the folder with all files of a cluster. */
export function stateFolder(name: string): string {
  return join(config.root, '.meshmart/clusters', name);
}

/** Returns the cluster's own kubeconfig. It exists once Kubernetes has been created. */
export function kubeconfigFile(name: string): string {
  return join(stateFolder(name), 'kubeconfig');
}

/** Reads the state of a cluster. @returns undefined if there is no cluster of that name */
export function readClusterState(name: string): ClusterState | undefined {
  const file = stateFile(name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Replaces the state of a cluster. */
export function writeClusterState(name: string, saved: ClusterState): void {
  mkdirSync(stateFolder(name), { recursive: true, mode: 0o700 });
  const file = stateFile(name);
  writeFileSync(`${file}.new`, JSON.stringify(saved));
  renameSync(`${file}.new`, file);
}

/** Deletes the state of a cluster that is gone. */
export function removeClusterState(name: string): void {
  rmSync(stateFolder(name), { recursive: true, force: true });
}

/** Returns the images to use from now on: those of the options, else those of the saved state. */
export function chooseImages(
  saved: ClusterState | undefined,
  { registry, tag, platform = saved?.platform }: Pick<UpOptions, 'registry' | 'tag' | 'platform'>,
): Pick<ClusterState, 'registry' | 'tag' | 'platform'> {
  if (registry === undefined && tag === undefined)
    return { registry: saved?.registry, tag: saved?.tag, platform };
  return { registry: registry?.replace(/\/*$/, '/'), tag, platform };
}

function stateFile(name: string): string {
  return join(stateFolder(name), 'cluster.json');
}
