import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { parseAllDocuments } from 'yaml';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';
import type { Release } from './install-chart.ts';
import {
  gatewayRelease,
  manifestOf,
  meshReleases,
  readKubernetesVersion,
  renderChart,
  writeNamespace,
} from './mesh.ts';
import { observabilityRelease } from './observability.ts';
import type { MeshSource } from './provider.ts';
import { type StoreSettings, storeRelease } from './store.ts';

interface KubernetesObject {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Prints what `up` would create, and how it would change objects that exist. The API server checks them, and keeps nothing. */
export async function printChanges(
  access: ClusterAccess,
  mesh: MeshSource,
  store: StoreSettings,
  options: ToolOptions,
): Promise<void> {
  const objects = await renderAll(access, mesh, store, options);
  const list = async (...args: string[]) => (await runKubectl(access, args, options)).split('\n');
  const namespaces = await list('get', 'namespaces', '--output', 'name');
  const clusterWide = (await list('api-resources', '--namespaced=false', '--no-headers')).map((line) =>
    line.trim().split(/\s+/).at(-1),
  );
  const isNew = ({ kind, metadata }: KubernetesObject) => {
    const namespace = kind === 'Namespace' ? metadata.name : metadata.namespace;
    return (
      (kind === 'Namespace' || !clusterWide.includes(kind)) && !namespaces.includes(`namespace/${namespace}`)
    );
  };
  for (const { kind, metadata } of objects.filter(isNew)) {
    console.log(`create ${kind} ${[metadata.namespace, metadata.name].filter(Boolean).join('/')}`);
  }
  const rest = objects.filter((one) => !isNew(one));
  if (rest.length === 0) return;
  const file = manifestOf(access, 'dry-run');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rest }));
  const difference = await runKubectl(
    access,
    ['diff', '--server-side', '--force-conflicts', '-f', file],
    options,
  ).catch((error) => {
    // Exit code 1 with a difference.
    if (error instanceof ToolFailedError && error.output.startsWith('diff ')) return error.output;
    throw error;
  });
  console.log(difference);
}

async function renderAll(
  access: ClusterAccess,
  mesh: MeshSource,
  store: StoreSettings,
  options: ToolOptions,
): Promise<KubernetesObject[]> {
  const file = (path: string, namespace?: string) => parseObjects(readFileSync(path, 'utf8'), namespace);
  const version = ['--kube-version', await readKubernetesVersion(access, options)];
  const helm = async ({ name, namespace, chart, values = [] }: Release) => {
    const args = ['template', name, join(config.root, 'charts', chart), '--namespace', namespace, ...values];
    return parseObjects(await runHelm(access, [...args, ...version], options), namespace);
  };
  const { existing } = mesh;
  const ours = existing ? [] : meshReleases;
  const charts = existing?.gateway ? ours : [...ours, gatewayRelease];
  const rendered: KubernetesObject[] = [];
  for (const chart of charts) {
    rendered.push(...file(await renderChart(access, mesh, chart, options), chart.namespace));
  }
  const observability = store.otlpEndpoint
    ? [
        ...file(join(config.root, 'cluster/observability.yaml')),
        ...(await helm(observabilityRelease(existing))),
      ]
    : [];
  const namespaces = existing
    ? writeNamespace(access, mesh)
    : join(config.root, 'cluster/istio/namespaces.yaml');
  return [...file(namespaces), ...rendered, ...observability, ...(await helm(storeRelease(store, existing)))];
}

function parseObjects(text: string, namespace?: string): KubernetesObject[] {
  const objects: (KubernetesObject | null)[] = parseAllDocuments(text).map((document) => document.toJS());
  return objects.flatMap((object) => {
    if (!object) return [];
    const { metadata } = object;
    return [{ ...object, metadata: { ...(namespace ? { namespace } : {}), ...metadata } }];
  });
}
