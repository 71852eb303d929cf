import { type ClusterAccess, runKubectl } from './access.ts';

interface Container {
  name: string;
  restartPolicy?: string;
  resources?: { requests?: { cpu?: string; memory?: string } };
}

interface PodObject {
  metadata: { namespace: string; name: string; deletionTimestamp?: string };
  spec: { containers: Container[]; initContainers?: Container[] };
  status: {
    phase: string;
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
}

/** A pod with its containers counted and its requests added up. */
export interface Pod {
  namespace: string;
  name: string;
  phase: string;
  ready: number;
  containers: number;
  restarts: number;
  /** Sum over all containers that keep running. */
  requests: { cpus: number; bytes: number };
}

/** Lists pods. @param namespaces restricts the result to these namespaces */
export async function listPods(access: ClusterAccess, namespaces?: string[]): Promise<Pod[]> {
  const { items }: { items: PodObject[] } = JSON.parse(
    await runKubectl(access, ['get', 'pods', '--all-namespaces', '--output', 'json']),
  );
  const wanted = items.filter(({ metadata }) => namespaces?.includes(metadata.namespace) ?? true);
  return wanted.map(({ metadata, spec, status }) => {
    // A native sidecar is an init container with this restart policy.
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    const running = [...spec.containers, ...sidecars];
    const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].filter(
      ({ name }) => running.some((container) => container.name === name),
    );
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      phase: metadata.deletionTimestamp ? 'Terminating' : status.phase,
      ready: statuses.filter(({ ready }) => ready).length,
      containers: running.length,
      restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
      requests: {
        cpus: sumOf(running.map(({ resources }) => parseQuantity(resources?.requests?.cpu))),
        bytes: sumOf(running.map(({ resources }) => parseQuantity(resources?.requests?.memory))),
      },
    };
  });
}

const SUFFIXES: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** Parses a Kubernetes quantity such as 50m, 2 or 128Mi. @throws if it is none */
export function parseQuantity(text = '0'): number {
  const [, number = '', suffix = ''] = /^([\d.]+)(m|k|M|G|Ki|Mi|Gi)?$/.exec(text) ?? [];
  const factor = SUFFIXES[suffix];
  if (number === '' || factor === undefined) throw new Error(`not a quantity: ${text}`);
  return Number(number) * factor;
}

export function sumOf(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
