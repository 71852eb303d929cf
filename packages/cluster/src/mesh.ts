import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { parse } from 'yaml';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';
import { applyOverlay } from './apply-overlay.ts';
import type { ProviderName } from './provider.ts';
import { STORE_NAMESPACE } from './store.ts';

export const MESH_NAMESPACE = 'istio-system';

/** Istio's charts, by the names that they are released under. */
export type IstioChart = 'base' | 'cni' | 'istiod' | 'gateway';

/** Where the mesh comes from. */
export interface MeshSource {
  /** The folder `istio` of this one in cluster/ has values that are its own. */
  provider: ProviderName;
  /** For people, as in `Istio 1.31.0`. */
  title: string;
  /** What makes `helm template <name>` find a chart, and the images in it. */
  chart(name: IstioChart): string[];
  /** A file, a folder or a URL; undefined where the cluster has it. */
  gatewayApi?: string;
  /** Undefined where the cluster is somebody's who decides that. */
  metricsServer?: {
    /** A folder with a kustomization, or the URL of a file. */
    manifests: string;
    /** The argument that says which kubelets it trusts. */
    kubeletTrust: string;
  };
}

/** Installs Istio by its own charts, with its gateway, and what else the store expects of a cluster. Safe to repeat. */
export function meshSteps(access: ClusterAccess, source: MeshSource, signal: AbortSignal): Step[] {
  const step = (title: string, run: (options: ToolOptions) => Promise<unknown>): Step => ({
    title,
    run: (onLine) => run({ signal, onLine }),
  });
  const { gatewayApi, metricsServer } = source;
  return [
    ...(gatewayApi
      ? [
          step(`Gateway API ${versions.gatewayApi}`, (options) =>
            installGatewayApi(access, gatewayApi, options),
          ),
        ]
      : []),
    step(source.title, (options) => installIstio(access, source, options)),
    step("The store's namespace and gateway", (options) => installGateway(access, source, options)),
    ...(metricsServer
      ? [
          step(`metrics-server ${versions.metricsServer}`, (options) =>
            installMetricsServer(access, metricsServer, options),
          ),
        ]
      : []),
  ];
}

async function installGatewayApi(access: ClusterAccess, file: string, options: ToolOptions): Promise<void> {
  // Their descriptions are too long for the annotation in which a client-side apply would keep them.
  await runKubectl(access, ['apply', '--server-side', '-f', file], options);
}

/** Releases in the order in which they come, each with what has to be ready in the end. */
export const meshReleases: (Chart & { workload?: string })[] = [
  { name: 'istio-base', chart: 'base', namespace: MESH_NAMESPACE },
  { name: 'istio-cni', chart: 'cni', namespace: MESH_NAMESPACE, workload: 'daemonset/istio-cni-node' },
  { name: 'istiod', chart: 'istiod', namespace: MESH_NAMESPACE, workload: 'deployment/istiod' },
];

async function installIstio(access: ClusterAccess, source: MeshSource, options: ToolOptions): Promise<void> {
  await runKubectl(access, ['apply', '-f', join(config.root, 'cluster/istio/namespaces.yaml')], options);
  for (const release of meshReleases) await applyChart(access, source, release, options);
}

async function installGateway(access: ClusterAccess, source: MeshSource, options: ToolOptions) {
  const chart = 'gateway';
  const gateway = { name: chart, chart, namespace: STORE_NAMESPACE, workload: 'deployment/gateway' } as const;
  await applyChart(access, source, gateway, options);
}

interface Chart {
  name: string;
  chart: IstioChart;
  namespace: string;
  workload?: string;
}

/** Rendered and applied, since an installation by Helm that was interrupted stands in the way of the next one. */
async function applyChart(
  access: ClusterAccess,
  source: MeshSource,
  { name, chart, namespace, workload }: Chart,
  options: ToolOptions,
): Promise<void> {
  const render = ['template', name, ...source.chart(chart), '--namespace', namespace];
  const version = ['--kube-version', await readKubernetesVersion(access, options)];
  const manifest = manifestOf(access, name);
  const values = valuesOf(access, source, chart);
  writeFileSync(manifest, await runHelm(access, [...render, ...version, ...values], options));
  const apply = ['apply', '--server-side', '--force-conflicts', '-n', namespace, '-f', manifest];
  await runKubectl(access, apply, options);
  if (!workload) return;
  await runKubectl(access, ['rollout', 'status', workload, '-n', namespace, '--timeout=10m'], options);
}

/** Without it Helm takes the newest version that it knows. */
async function readKubernetesVersion(access: ClusterAccess, options: ToolOptions): Promise<string> {
  const { serverVersion } = JSON.parse(await runKubectl(access, ['version', '--output', 'json'], options));
  return serverVersion.gitVersion;
}

/** What was applied of a chart last. */
export function manifestOf({ caches }: ClusterAccess, name: string): string {
  mkdirSync(caches, { recursive: true });
  return join(caches, `${name}.yaml`);
}

/** Values that all share, and what the provider needs otherwise. */
function valuesOf(access: ClusterAccess, { provider }: MeshSource, chart: IstioChart): string[] {
  const folders = ['', provider].map((name) => join(config.root, 'cluster', name, 'istio'));
  const files = folders.map((folder) => join(folder, `${chart}.yaml`)).filter((file) => existsSync(file));
  if (chart === 'istiod') files.push(writeMeshConfig(access));
  return files.flatMap((file) => ['-f', file]);
}

/** The MeshConfig that the local platform reads too. As a file it is merged with the one before it, down to the last field. */
function writeMeshConfig({ caches }: ClusterAccess): string {
  const meshConfig: object = parse(readFileSync(join(config.root, 'mesh/mesh-config.yaml'), 'utf8'));
  const file = join(caches, 'mesh-config.json');
  writeFileSync(file, JSON.stringify({ meshConfig }));
  return file;
}

async function installMetricsServer(
  access: ClusterAccess,
  { manifests, kubeletTrust }: NonNullable<MeshSource['metricsServer']>,
  options: ToolOptions,
): Promise<void> {
  const replacements = { VERSION: `v${versions.metricsServer}`, KUBELET_TRUST: kubeletTrust };
  await applyOverlay(access, { name: 'metrics-server', manifests, replacements }, [], options);
}
