import { generatedFor } from '../instances.ts';
import type { Kube } from '../kube.ts';
import type { KubeObject } from '../manifests.ts';
import type { Change } from './distribution.ts';

/** The kinds that istiod creates for a Gateway of the Gateway API. */
const kinds = 'deployments,replicasets,pods,services,serviceaccounts';

/**
 * Waits until the workloads of applied Gateways are ready, and those of deleted Gateways are gone.
 *
 * @throws after two minutes
 */
export async function waitForGeneratedGateways(kube: Kube, { applied, deleted }: Change): Promise<void> {
  const wait = (...args: string[]) => kube.run('wait', ...args, '--timeout=120s');
  for (const name of listGatewayNames(applied)) {
    // A programmed Gateway has its Service, which istiod creates after the Deployment.
    await wait('--for=condition=Programmed', `gateways.gateway.networking.k8s.io/${name}`);
    await wait('--for=condition=Available', 'deployments', `--selector=${generatedFor}=${name}`);
  }
  for (const name of listGatewayNames(deleted)) {
    await wait('--for=delete', kinds, `--selector=${generatedFor}=${name}`);
  }
}

function listGatewayNames(objects: KubeObject[]): string[] {
  const isGateway = ({ apiVersion, kind }: KubeObject) =>
    kind === 'Gateway' && apiVersion.startsWith('gateway.networking.k8s.io/');
  return objects.filter(isGateway).map(({ metadata }) => metadata.name);
}
