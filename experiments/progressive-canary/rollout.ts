import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';

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
  };
  metadata: { generation: number };
}

interface VirtualService {
  metadata: { generation: number; managedFields: { manager: string; time: string }[] };
  spec: { http: { name?: string; route: { destination: { subset?: string }; weight?: number }[] }[] };
}

export interface State {
  rollout: Rollout;
  /** In per cent, of the route by which customers come. */
  weight: number;
  /** How many times what that route's resource says was changed. */
  generation: number;
  /** When Argo CD last wrote to that resource, as Kubernetes notes it of everybody who does. */
  writtenByArgoCd: string;
}

export const rolloutName = 'rollouts.argoproj.io/product';
const resources = [rolloutName, 'virtualservices.networking.istio.io/store'];

/** Both by one command, one right after the other. */
export async function readState(kube: Kube): Promise<State> {
  const answer = await kube.run('get', ...resources, '--output', 'json', '--show-managed-fields');
  const { items } = JSON.parse(answer);
  const [rollout, { metadata, spec }] = items as [Rollout, VirtualService];
  const route = spec.http.find(({ name }) => name === 'products')?.route ?? [];
  const canary = route.find(({ destination }) => destination.subset === 'canary');
  const argoCd = metadata.managedFields.find(({ manager }) => manager === 'argocd-controller');
  if (!argoCd) throw new Error('nothing says that Argo CD has brought the routes');
  return {
    rollout,
    weight: canary?.weight ?? 0,
    generation: metadata.generation,
    writtenByArgoCd: argoCd.time,
  };
}

/** Whether Argo Rollouts has seen what was last asked of it. */
export function isSeen({ metadata, status }: Rollout): boolean {
  return status.observedGeneration === String(metadata.generation);
}

export async function patchRollout(kube: Kube, changes: object[]): Promise<void> {
  await kube.run('patch', rolloutName, '--type', 'json', '--patch', JSON.stringify(changes));
}
