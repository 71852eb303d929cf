import { join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { type ClusterAccess, runKubectl } from './access.ts';
import type { ExistingMesh } from './existing-mesh.ts';
import { installChart, type Release } from './install-chart.ts';
import { STORE_NAMESPACE } from './store.ts';

export const OBSERVABILITY_NAMESPACE = 'observability';

/** URL for the services' spans, the value of `global.telemetry.otlpEndpoint`. */
export const OTLP_ENDPOINT = `http://jaeger.${OBSERVABILITY_NAMESPACE}:4318`;

/** Returns the step that installs Prometheus and Jaeger. The namespaces that Prometheus scrapes must exist. */
export function observabilitySteps(
  access: ClusterAccess,
  mesh: ExistingMesh | undefined,
  signal: AbortSignal,
): Step[] {
  return [
    {
      title: 'Prometheus and Jaeger',
      run: async (onLine) => {
        const options = { signal, onLine };
        await makeObservabilityNamespace(access, options);
        await installChart(access, observabilityRelease(mesh), options);
      },
    },
  ];
}

/** Returns the release of Prometheus and Jaeger. It adds no permissions to namespaces that the cluster had. */
export function observabilityRelease(mesh: ExistingMesh | undefined): Release {
  const values = mesh ? ['--set', `prometheus.namespaces={${STORE_NAMESPACE}}`] : [];
  return { name: 'observability', namespace: OBSERVABILITY_NAMESPACE, chart: 'observability', values };
}

/** Creates the namespace of Prometheus and Jaeger. Safe to repeat. */
export async function makeObservabilityNamespace(access: ClusterAccess, options: ToolOptions): Promise<void> {
  await runKubectl(access, ['apply', '-f', join(config.root, 'cluster/observability.yaml')], options);
}
