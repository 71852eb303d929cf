import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import type { Instance } from '../target.ts';
import type { Kube } from './kube.ts';

export interface InstancePod extends Instance {
  pod: string;
  address: string;
}

interface PodObject {
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    creationTimestamp: string;
    deletionTimestamp?: string;
  };
  status: { phase: string; podIP?: string; conditions?: { type: string; status: string }[] };
}

/** Lists the pods of the store's services, numbered by age, without those that are terminating. */
export async function listInstances(kube: Kube): Promise<InstancePod[]> {
  const selector = 'app.kubernetes.io/part-of=meshmart,version';
  const counts = new Map<string, number>();
  return (await listPods(kube, selector)).map(({ metadata, status }) => {
    const { app: service = '', version = '' } = metadata.labels;
    const stem = `${service}-${version}`;
    const number = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, number);
    const instance = { name: `${stem}-${number}`, service, version, state: stateOf(status) };
    return { ...instance, pod: metadata.name, address: status.podIP ?? '' };
  });
}

/** Label of everything that istiod creates for a Gateway of the Gateway API. */
export const generatedFor = 'gateway.networking.k8s.io/gateway-name';

export interface GatewayPod {
  name: string;
  pod: string;
  namespace: string;
}

/** Lists the pods of the store's edge, named `gateway`, and those that istiod created, named after their Gateway. */
export async function listGateways(kube: Kube): Promise<GatewayPod[]> {
  const { gateway } = kube.mesh;
  const [edge, generated] = await Promise.all([
    listPods(kube, `istio=${gateway.name}`, gateway.namespace),
    listPods(kube, generatedFor),
  ]);
  return [
    ...edge.map(({ metadata: { name: pod, namespace } }) => ({ name: 'gateway', pod, namespace })),
    ...generated.map(({ metadata: { name: pod, namespace, labels } }) => {
      return { name: labels[generatedFor] ?? '', pod, namespace };
    }),
  ];
}

async function listPods(kube: Kube, selector: string, namespace = STORE_NAMESPACE): Promise<PodObject[]> {
  const { items }: { items: PodObject[] } = JSON.parse(
    await kube.run('get', 'pods', '--selector', selector, '--namespace', namespace, '--output', 'json'),
  );
  const ageOf = ({ metadata }: PodObject) => `${metadata.creationTimestamp} ${metadata.name}`;
  return items
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
}

function stateOf({ phase, conditions = [] }: PodObject['status']): Instance['state'] {
  if (phase === 'Failed') return 'failed';
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ? 'ready' : 'starting';
}
