import type { Kube } from '@meshmart/cli/experiment/cluster/kube';

/** As much as is read here: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
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
    canary?: { weights?: { canary: { weight: number } } };
  };
  metadata: { generation: number };
}

interface VirtualService {
  metadata: { generation: number };
  spec: { http: { name?: string; route: { destination: { subset?: string }; weight?: number }[] }[] };
}

export interface State {
  rollout: Rollout;
  /** In per cent, of the route by which customers come. */
  weight: number;
  /** How many times that route's resource was changed. */
  generation: number;
}

export const rolloutName = 'rollouts.argoproj.io/product';
const resources = [rolloutName, 'virtualservices.networking.istio.io/store'];

/** Both at one moment. */
export async function readState(kube: Kube): Promise<State> {
  const { items } = JSON.parse(await kube.run('get', ...resources, '--output', 'json'));
  const [rollout, { metadata, spec }] = items as [Rollout, VirtualService];
  const route = spec.http.find(({ name }) => name === 'products')?.route ?? [];
  const canary = route.find(({ destination }) => destination.subset === 'canary');
  return { rollout, weight: canary?.weight ?? 0, generation: metadata.generation };
}

/** Whether Argo Rollouts has seen what was last asked of it. */
export function isSeen({ metadata, status }: Rollout): boolean {
  return status.observedGeneration === String(metadata.generation);
}

export async function patchRollout(kube: Kube, changes: object[]): Promise<void> {
  await kube.run('patch', rolloutName, '--type', 'json', '--patch', JSON.stringify(changes));
}
