import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';

/** The fields that are read here (https://argo-rollouts.readthedocs.io/en/stable/features/specification/). */
export interface Rollout {
  spec: {
    template: {
      metadata: { annotations: Record<string, string> };
      spec: { containers: { env: { name: string; value?: string }[] }[] };
    };
  };
  status: {
    phase?: string;
    message?: string;
    abort?: boolean;
    observedGeneration?: string;
    currentPodHash?: string;
    stableRS?: string;
  };
  metadata: { generation: number };
}

interface VirtualService {
  metadata: { generation: number; managedFields: { manager: string; time: string }[] };
  spec: { http: { route: { destination: { subset?: string }; weight?: number }[] }[] };
}

export interface State {
  rollout: Rollout;
  /** The canary's weight in per cent, on the route for customers. */
  weight: number;
  /** Generation of the VirtualService with that route: the number of changes to its spec. */
  generation: number;
  /** When Argo CD last wrote to that VirtualService, from its `managedFields`. */
  writtenByArgoCd: string;
}

export const rolloutName = 'rollouts.argoproj.io/product';
const resources = [rolloutName, 'virtualservices.networking.istio.io/gateway-product'];

/**
 * Reads Rollout and VirtualService with one command.
 *
 * @throws when the VirtualService has no route to the canary, or Argo CD has not written it
 */
export async function readState(kube: Kube): Promise<State> {
  const output = await kube.run('get', ...resources, '--output', 'json', '--show-managed-fields');
  const { items } = JSON.parse(output);
  const [rollout, { metadata, spec }] = items as [Rollout, VirtualService];
  const canary = spec.http[0]?.route.find(({ destination }) => destination.subset === 'canary');
  if (!canary) throw new Error('The VirtualService gateway-product has no route to the canary');
  const argoCd = metadata.managedFields.find(({ manager }) => manager === 'argocd-controller');
  if (!argoCd) throw new Error('Argo CD has not written the routes');
  return {
    rollout,
    weight: canary.weight ?? 0,
    generation: metadata.generation,
    writtenByArgoCd: argoCd.time,
  };
}

/** Returns whether Argo Rollouts has observed the last change of the Rollout. */
export function isSeen({ metadata, status }: Rollout): boolean {
  return status.observedGeneration === String(metadata.generation);
}

export async function patchRollout(kube: Kube, changes: object[]): Promise<void> {
  await kube.run('patch', rolloutName, '--type', 'json', '--patch', JSON.stringify(changes));
}
