import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterAccess, runKubectl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import type { KubeObject } from './manifests.ts';
import { installedMesh, type StoreMesh } from './store-mesh.ts';

/** A pod, by default in the store's namespace. */
export interface PodName {
  pod: string;
  namespace?: string;
}

/** kubectl for one cluster, in the store's namespace by default. Its methods throw ToolFailedError. */
export interface Kube {
  mesh: StoreMesh;
  /** Runs kubectl. @returns its standard output */
  run(...args: string[]): Promise<string>;
  /** Runs `kubectl <verb> -f` with these objects. */
  send(
    verb: 'apply' | 'create' | 'delete' | 'replace',
    objects: KubeObject[],
    ...args: string[]
  ): Promise<string>;
  /** Runs a program in a container of a pod. */
  exec(pod: PodName, container: string, ...command: string[]): Promise<string>;
}

/** Returns kubectl for a cluster. */
export function createKube(access: ClusterAccess, mesh = installedMesh): Kube {
  const run = (...args: string[]) => runKubectl(access, ['--namespace', STORE_NAMESPACE, ...args]);
  return {
    mesh,
    run,
    async send(verb, items, ...args) {
      const folder = await mkdtemp(join(tmpdir(), 'meshmart-objects-'));
      try {
        const file = join(folder, 'objects.json');
        await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
        return await run(verb, '-f', file, ...args);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    exec: ({ pod, namespace = STORE_NAMESPACE }, container, ...command) =>
      run('exec', pod, '--namespace', namespace, '--container', container, '--', ...command),
  };
}

/** Returns whether the cluster has this custom resource. @param kind plural with group, as in `rollouts.argoproj.io` */
export async function isDefined(kube: Kube, kind: string): Promise<boolean> {
  const definition = ['customresourcedefinitions', kind, '--ignore-not-found'];
  return (await kube.run('get', ...definition, '--output', 'name')) !== '';
}
