import { generatedFor } from '../instances.ts';
import type { Kube } from '../kube.ts';
import type { KubeObject } from '../manifests.ts';
import type { Change } from './distribution.ts';

const timeout = '--timeout=120s';
/** What istiod makes of a Gateway of the Gateway API. */
const kinds = 'deployments,replicasets,pods,services,serviceaccounts';

/** Resolves when what istiod makes of new Gateways is ready, and what it has made of those that are gone is gone as well. */
export async function waitForGeneratedGateways(kube: Kube, { present, gone }: Change): Promise<void> {
  for (const name of listGatewayNames(present)) {
    // There is a Service, and so the Deployment that is made before it.
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
  for (const name of listGatewayNames(gone)) {
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
