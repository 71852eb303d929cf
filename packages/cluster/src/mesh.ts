import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { parse } from 'yaml';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';
import { applyOverlay } from './apply-overlay.ts';
import type { IstioChart, MeshSource } from './provider.ts';
import { STORE_NAMESPACE } from './store.ts';

export const MESH_NAMESPACE = 'istio-system';

/** Returns the steps that install Istio, its gateway, the Gateway API and metrics-server. Safe to repeat. */
export function meshSteps(access: ClusterAccess, source: MeshSource, signal: AbortSignal): Step[] {
  const step = (title: string, run: (options: ToolOptions) => Promise<unknown>): Step => ({
    title,
    run: (onLine) => run({ signal, onLine }),
  });
  const { existing, gatewayApi, metricsServer } = source;
  if (existing) {
    const title = existing.gateway ? "The store's namespace" : "The store's namespace and gateway";
    return [step(`${title}, in ${source.title}`, (options) => installBesideMesh(access, source, options))];
  }
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
  // A client-side apply would keep the descriptions in an annotation, for which they are too long.
  await runKubectl(access, ['apply', '--server-side', '-f', file], options);
}

/** Releases in the order of installation, each with the workload that has to become ready. */
export const meshReleases: (Chart & { workload?: string })[] = [
  { name: 'istio-base', chart: 'base', namespace: MESH_NAMESPACE },
  { name: 'istio-cni', chart: 'cni', namespace: MESH_NAMESPACE, workload: 'daemonset/istio-cni-node' },
  { name: 'istiod', chart: 'istiod', namespace: MESH_NAMESPACE, workload: 'deployment/istiod' },
];

async function installIstio(access: ClusterAccess, source: MeshSource, options: ToolOptions): Promise<void> {
  await runKubectl(access, ['apply', '-f', join(config.root, 'cluster/istio/namespaces.yaml')], options);
  for (const release of meshReleases) await applyChart(access, source, release, options);
}

async function installBesideMesh(access: ClusterAccess, source: MeshSource, options: ToolOptions) {
  await runKubectl(access, ['apply', '-f', writeNamespace(access, source)], options);
  if (!source.existing?.gateway) await installGateway(access, source, options);
}

/** Writes the manifest of the store's namespace in the cluster's own Istio. @returns its file */
export function writeNamespace(access: ClusterAccess, { existing }: MeshSource): string {
  const metadata = { name: STORE_NAMESPACE, labels: existing?.labels };
  const file = manifestOf(access, 'namespace');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }));
  return file;
}

/** The gateway of the store in its own namespace. */
export const gatewayRelease: Chart = {
  name: 'gateway',
  chart: 'gateway',
  namespace: STORE_NAMESPACE,
  workload: 'deployment/gateway',
};

async function installGateway(access: ClusterAccess, source: MeshSource, options: ToolOptions) {
  await applyChart(access, source, gatewayRelease, options);
}

interface Chart {
  name: string;
  chart: IstioChart;
  namespace: string;
  workload?: string;
}

/** Renders a chart and applies it. An interrupted `helm install` would block the next one. */
async function applyChart(
  access: ClusterAccess,
  source: MeshSource,
  release: Chart,
  options: ToolOptions,
): Promise<void> {
  const { namespace, workload } = release;
  const manifest = await renderChart(access, source, release, options);
  const apply = ['apply', '--server-side', '--force-conflicts', '-n', namespace, '-f', manifest];
  await runKubectl(access, apply, options);
  if (!workload) return;
  await runKubectl(access, ['rollout', 'status', workload, '-n', namespace, '--timeout=10m'], options);
}

/** Renders a chart of Istio. @returns the file with its manifests */
export async function renderChart(
  access: ClusterAccess,
  source: MeshSource,
  { name, chart, namespace }: Chart,
  options: ToolOptions,
): Promise<string> {
  const render = ['template', name, ...source.chart(chart), '--namespace', namespace];
  const version = ['--kube-version', await readKubernetesVersion(access, options)];
  const manifest = manifestOf(access, name);
  const values = valuesOf(access, source, chart);
  writeFileSync(manifest, await runHelm(access, [...render, ...version, ...values], options));
  return manifest;
}

/** Reads the version of Kubernetes. Without it, `helm template` assumes the newest one. */
export async function readKubernetesVersion(access: ClusterAccess, options?: ToolOptions): Promise<string> {
  const { serverVersion } = JSON.parse(await runKubectl(access, ['version', '--output', 'json'], options));
  return serverVersion.gitVersion;
}

/** Returns the file for a rendered chart. The file is kept for `down`. */
export function manifestOf({ caches }: ClusterAccess, name: string): string {
  mkdirSync(caches, { recursive: true });
  return join(caches, `${name}.yaml`);
}

/** Returns Helm arguments for the common values and those of the provider. */
function valuesOf(access: ClusterAccess, { provider }: MeshSource, chart: IstioChart): string[] {
  const folders = ['', provider].map((name) => join(config.root, 'cluster', name, 'istio'));
  const files = folders.map((folder) => join(folder, `${chart}.yaml`)).filter((file) => existsSync(file));
  if (chart === 'istiod') files.push(writeMeshConfig(access));
  return files.flatMap((file) => ['-f', file]);
}

/** Writes the local platform's MeshConfig as a values file, which Helm merges field by field. */
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
