import { generatedFor } from '../instances.ts';
import type { Kube } from '../kube.ts';
import type { KubeObject } from '../manifests.ts';
import type { Change } from './distribution.ts';

const timeout = '--timeout=120s';
/** The kinds that istiod creates for a Gateway of the Gateway API. */
const kinds = 'deployments,replicasets,pods,services,serviceaccounts';

/**
 * Waits until the workloads of applied Gateways are ready, and those of deleted Gateways are gone.
 *
 * @throws after two minutes
 */
export async function waitForGeneratedGateways(kube: Kube, { applied, deleted }: Change): Promise<void> {
  for (const name of listGatewayNames(applied)) {
    // A programmed Gateway has its Service, which istiod creates after the Deployment.
    await kube.run(
      'wait',
      '--for=condition=Programmed',
      `gateways.gateway.networking.k8s.io/${name}`,
      timeout,
    );
    await kube.run(
      'wait',
      '--for=condition=Available',
      'deployments',
      `--selector=${generatedFor}=${name}`,
      timeout,
    );
  }
  for (const name of listGatewayNames(deleted)) {
    await kube.run('wait', '--for=delete', kinds, `--selector=${generatedFor}=${name}`, timeout);
  }
}

function listGatewayNames(objects: KubeObject[]): string[] {
  return objects
    .filter(
      ({ apiVersion, kind }) => /^gateway\.networking\.k8s\.io\//.test(apiVersion) && kind === 'Gateway',
    )
    .map(({ metadata }) => metadata.name);
}
