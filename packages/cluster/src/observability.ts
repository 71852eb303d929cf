import { join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { type ClusterAccess, runKubectl } from './access.ts';
import { installChart } from './install-chart.ts';

export const OBSERVABILITY_NAMESPACE = 'observability';

/** URL for the services' spans, the value of `global.telemetry.otlpEndpoint`. */
export const OTLP_ENDPOINT = `http://jaeger.${OBSERVABILITY_NAMESPACE}:4318`;

/** Returns the step that installs Prometheus and Jaeger. The namespaces that Prometheus scrapes must exist. */
export function observabilitySteps(access: ClusterAccess, signal: AbortSignal): Step[] {
  return [
    {
      title: 'Prometheus and Jaeger',
      run: async (onLine) => {
        const options = { signal, onLine };
        await makeObservabilityNamespace(access, options);
        const release = { name: 'observability', namespace: OBSERVABILITY_NAMESPACE, chart: 'observability' };
        await installChart(access, release, options);
      },
    },
  ];
}

/** Creates the namespace of Prometheus and Jaeger. Safe to repeat. */
export async function makeObservabilityNamespace(access: ClusterAccess, options: ToolOptions): Promise<void> {
  await runKubectl(access, ['apply', '-f', join(config.root, 'cluster/observability.yaml')], options);
}
