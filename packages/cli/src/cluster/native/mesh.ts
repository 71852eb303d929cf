import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { config } from '../../config.ts';
import type { Step } from '../../progress.ts';
import type { ToolOptions } from '../../setup/run-tool.ts';
import { versions } from '../../setup/versions.ts';
import { type ClusterAccess, runHelm, runKubectl } from '../access.ts';
import { istioHub, istioTag } from './image-recipes.ts';
import { toolFolder } from './tools.ts';

const native = join(config.root, 'cluster/native');

/** Installs Istio by its own charts, with its gateway, and what else the store expects of a cluster. Safe to repeat. */
export function meshSteps(access: ClusterAccess, signal: AbortSignal): Step[] {
  const step = (title: string, run: (options: ToolOptions) => Promise<unknown>): Step => ({
    title,
    run: (onLine) => run({ signal, onLine }),
  });
  return [
    step(`Gateway API ${versions.gatewayApi}`, (options) => installGatewayApi(access, options)),
    step(`Istio ${istioTag}`, (options) => installIstio(access, options)),
    step("The store's namespace and gateway", (options) => installGateway(access, options)),
    step(`metrics-server ${versions.metricsServer}`, (options) => installMetricsServer(access, options)),
  ];
}

async function installGatewayApi(access: ClusterAccess, options: ToolOptions): Promise<void> {
  // Their descriptions are too long for the annotation in which a client-side apply would keep them.
  await runKubectl(
    access,
    ['apply', '--server-side', '-f', join(toolFolder('gateway-api'), 'standard')],
    options,
  );
}

async function installIstio(access: ClusterAccess, options: ToolOptions): Promise<void> {
  await runKubectl(access, ['apply', '-f', join(native, 'istio/namespaces.yaml')], options);
  const image = ['--set', `global.hub=${istioHub}`, '--set', `global.tag=${istioTag}`];
  const install = (name: string, chart: string, values: string[], workload?: string) =>
    applyChart(access, { name, chart, namespace: 'istio-system', workload }, values, options);
  await install('istio-base', 'base', []);
  const cniValues = [...image, '-f', join(native, 'istio/istio-cni.yaml')];
  await install('istio-cni', 'istio-cni', cniValues, 'daemonset/istio-cni-node');
  const values = [...image, '-f', join(native, 'istio/istiod.yaml'), ...meshConfigValues(access)];
  await install('istiod', 'istio-control/istio-discovery', values, 'deployment/istiod');
}

/** The MeshConfig that the local platform reads too. As a file it is merged with the one before it, down to the last field. */
function meshConfigValues({ caches }: ClusterAccess): string[] {
  const meshConfig: object = parse(readFileSync(join(config.root, 'mesh/mesh-config.yaml'), 'utf8'));
  const file = join(caches, 'mesh-config.json');
  mkdirSync(caches, { recursive: true });
  writeFileSync(file, JSON.stringify({ meshConfig }));
  return ['-f', file];
}

async function installGateway(access: ClusterAccess, options: ToolOptions): Promise<void> {
  const gateway = {
    name: 'gateway',
    chart: 'gateway',
    namespace: 'meshmart',
    workload: 'deployment/gateway',
  };
  await applyChart(access, gateway, ['-f', join(native, 'istio/gateway.yaml')], options);
}

interface Chart {
  name: string;
  /** Its folder among Istio's charts. */
  chart: string;
  namespace: string;
  /** What has to be ready in the end. */
  workload?: string | undefined;
}

/** Rendered and applied, since an installation by Helm that was interrupted stands in the way of the next one. */
async function applyChart(
  access: ClusterAccess,
  { name, chart, namespace, workload }: Chart,
  values: string[],
  options: ToolOptions,
): Promise<void> {
  const path = join(toolFolder('istio'), 'charts', chart);
  const render = ['template', name, path, '--namespace', namespace, '--kube-version', versions.kubernetes];
  const manifest = join(access.caches, `${name}.yaml`);
  mkdirSync(access.caches, { recursive: true });
  writeFileSync(manifest, await runHelm(access, [...render, ...values], options));
  await runKubectl(
    access,
    ['apply', '--server-side', '--force-conflicts', '-n', namespace, '-f', manifest],
    options,
  );
  if (!workload) return;
  await runKubectl(access, ['rollout', 'status', workload, '-n', namespace, '--timeout=10m'], options);
}

async function installMetricsServer(access: ClusterAccess, options: ToolOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-metrics-server-'));
  try {
    cpSync(join(toolFolder('metrics-server'), 'manifests'), join(folder, 'base'), { recursive: true });
    const overlay = readFileSync(join(native, 'metrics-server/kustomization.yaml'), 'utf8');
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      overlay.replace('@VERSION@', `v${versions.metricsServer}`),
    );
    await runKubectl(access, ['apply', '-k', folder], options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
