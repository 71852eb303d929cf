import { type ClusterAccess, runKubectl } from './access.ts';
import { parseQuantity, sumOf } from './pods.ts';
import type { MemoryUse } from './provider.ts';

interface PodMetrics {
  metadata: { namespace: string };
  containers: { usage: { memory: string } }[];
}

interface NodeMetrics {
  usage: { memory: string };
}

/**
 * Reads the memory that metrics-server has measured within the last minute, like `kubectl top`.
 *
 * @param namespaces restricts the result to pods of these namespaces
 * @returns bytes, or undefined if metrics-server is missing or has not measured yet
 */
export async function measureByMetricsServer(
  access: ClusterAccess,
  namespaces?: string[],
): Promise<MemoryUse | undefined> {
  const read = async <T>(kind: string): Promise<T[]> =>
    JSON.parse(await runKubectl(access, ['get', '--raw', `/apis/metrics.k8s.io/v1beta1/${kind}`])).items;
  try {
    const [pods, nodes] = await Promise.all([read<PodMetrics>('pods'), read<NodeMetrics>('nodes')]);
    const ours = pods.filter(({ metadata }) => namespaces?.includes(metadata.namespace) ?? true);
    const containers = ours.flatMap((pod) => pod.containers);
    const podBytes = sumOf(containers.map(({ usage }) => parseQuantity(usage.memory)));
    if (containers.length === 0) return undefined;
    if (namespaces) return { podBytes };
    return { podBytes, nodeBytes: sumOf(nodes.map(({ usage }) => parseQuantity(usage.memory))) - podBytes };
  } catch {
    return undefined;
  }
}
