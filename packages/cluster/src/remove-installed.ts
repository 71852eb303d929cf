import { existsSync } from 'node:fs';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';
import { MESH_NAMESPACE, manifestOf, meshReleases } from './mesh.ts';
import { OBSERVABILITY_NAMESPACE } from './observability.ts';
import type { MeshSource } from './provider.ts';
import { STORE_NAMESPACE } from './store.ts';

const releases = [
  { release: 'store', namespace: STORE_NAMESPACE },
  { release: 'observability', namespace: OBSERVABILITY_NAMESPACE },
];

/**
 * Removes what `up` has installed into an existing cluster, dependents first. Safe to repeat.
 *
 * @param ours namespaces that `up` has created
 */
export async function removeInstalled(
  access: ClusterAccess,
  mesh: MeshSource,
  ours: string[],
  options: ToolOptions,
): Promise<void> {
  for (const { release, namespace } of releases.filter((one) => ours.includes(one.namespace))) {
    const args = ['uninstall', release, '--namespace', namespace, '--ignore-not-found', '--wait'];
    await runHelm(access, args, options);
    await runKubectl(access, ['delete', 'namespace', namespace, '--ignore-not-found'], options);
  }
  if (!mesh.existing) await removeMesh(access, mesh, options);
}

/** Removes the applied manifests, and objects that istiod has created. */
async function removeMesh(
  access: ClusterAccess,
  { gatewayApi }: MeshSource,
  options: ToolOptions,
): Promise<void> {
  const remove = (...args: string[]) =>
    runKubectl(access, ['delete', ...args, '--ignore-not-found'], options);
  const applied = meshReleases.map(({ name }) => manifestOf(access, name)).filter((file) => existsSync(file));
  for (const file of applied.reverse()) await remove('-f', file);
  await remove('namespace', MESH_NAMESPACE);
  await remove('configmap', '--all-namespaces', '--field-selector', 'metadata.name=istio-ca-root-cert');
  if (gatewayApi) await remove('-f', gatewayApi);
  else await remove('gatewayclass', 'istio', 'istio-remote');
}
