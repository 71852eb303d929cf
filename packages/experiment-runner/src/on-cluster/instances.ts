import type { Instance } from '../target.ts';
import type { Kube } from './kube.ts';

export interface InstancePod extends Instance {
  pod: string;
  address: string;
}

interface PodObject {
  metadata: {
    name: string;
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

/** Lists the pods of the store's edge, named `gateway`, and those that istiod created, named after their Gateway. */
export async function listGateways(kube: Kube): Promise<{ name: string; pod: string }[]> {
  const [edge, generated] = await Promise.all([
    listPods(kube, 'istio=gateway'),
    listPods(kube, generatedFor),
  ]);
  return [
    ...edge.map(({ metadata }) => ({ name: 'gateway', pod: metadata.name })),
    ...generated.map(({ metadata }) => ({ name: metadata.labels[generatedFor] ?? '', pod: metadata.name })),
  ];
}

async function listPods(kube: Kube, selector: string): Promise<PodObject[]> {
  const { items }: { items: PodObject[] } = JSON.parse(
    await kube.run('get', 'pods', '--selector', selector, '--output', 'json'),
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
