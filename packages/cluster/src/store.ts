import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secrets } from '@meshmart/local-platform/secrets';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { type ClusterAccess, runKubectl } from './access.ts';
import type { ExistingMesh } from './existing-mesh.ts';
import { installChart, type Release } from './install-chart.ts';

export const STORE_NAMESPACE = 'meshmart';
/** Port on 127.0.0.1 of a pod on which experiments set the faults of its service. */
const FAULTS_PORT = 8081;

export interface StoreImages {
  /** Registry with a slash at the end. Empty if the nodes have the images. */
  registry: string;
  tag: string;
}

export interface StoreSettings {
  images: StoreImages;
  /** URL for the services' spans. Empty if nothing collects them. */
  otlpEndpoint: string;
  /** Further arguments of Helm: the user's values. */
  values?: string[];
}

/** Returns the release of the store. In a mesh that the cluster has, it includes the standing mesh. */
export function storeRelease(settings: StoreSettings, mesh: ExistingMesh | undefined): Release {
  const { images, otlpEndpoint, values = [] } = settings;
  const strings = {
    'global.image.registry': images.registry,
    'global.image.tag': images.tag,
    'global.telemetry.otlpEndpoint': otlpEndpoint,
    ...(mesh ? meshValues(mesh) : {}),
  };
  return {
    name: 'store',
    namespace: STORE_NAMESPACE,
    chart: 'store',
    values: [
      ...Object.entries(strings).flatMap(([name, value]) => ['--set-string', `${name}=${value}`]),
      ...['--set', `global.faultsPort=${FAULTS_PORT},mesh.enabled=${mesh !== undefined}`],
      ...values,
    ],
  };
}

function meshValues({ namespace, trustDomain, gateway }: ExistingMesh): Record<string, string> {
  return {
    'global.mesh.namespace': namespace,
    'global.mesh.trustDomain': trustDomain,
    // Istio keeps only a few of Envoy's counters by default. Experiments read more.
    'global.podAnnotations.sidecar\\.istio\\.io/statsInclusionRegexps': '.*',
    ...(gateway && {
      'global.mesh.gateway.namespace': gateway.namespace,
      'global.mesh.gateway.name': gateway.name,
      'global.mesh.gateway.serviceAccount': gateway.serviceAccount,
    }),
  };
}

/** Returns the steps that apply the standing mesh and install the store with Helm. Safe to repeat. */
export function storeSteps(
  access: ClusterAccess,
  settings: StoreSettings,
  mesh: ExistingMesh | undefined,
  signal: AbortSignal,
): Step[] {
  const { images } = settings;
  const release = storeRelease(settings, mesh);
  const standing: Step = {
    title: 'Standing mesh: mutual TLS, call graph, routes',
    run: (onLine) => applyMesh(access, { signal, onLine }),
  };
  return [
    ...(mesh ? [] : [standing]),
    {
      title: `The store ${images.tag}`,
      run: (onLine) => installChart(access, release, { signal, onLine }),
    },
  ];
}

function applyMesh(access: ClusterAccess, options: ToolOptions): Promise<unknown> {
  const folder = join(config.root, 'mesh/istio');
  return retryWebhook(() => runKubectl(access, ['apply', '-n', STORE_NAMESPACE, '-f', folder], options));
}

/** Retries while istiod's webhook is not reachable, which can last for a moment after istiod is ready. */
async function retryWebhook(apply: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await apply();
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/** Reads the administrator's login, which the first installation has generated. */
export async function readAdmin(access: ClusterAccess): Promise<Secrets['admin']> {
  const args = ['get', 'secret', 'admin', '-n', STORE_NAMESPACE, '--output', 'json'];
  const { data }: { data: Record<'email' | 'password', string> } = JSON.parse(await runKubectl(access, args));
  const decode = (text: string) => Buffer.from(text, 'base64').toString();
  return { email: decode(data.email), password: decode(data.password) };
}
