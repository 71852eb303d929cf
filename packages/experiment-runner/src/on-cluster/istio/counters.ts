import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { readStats } from '@meshmart/local-mesh/admin';
import type { Snapshot } from '../../target.ts';
import { listGateways, listInstances } from '../instances.ts';
import type { Kube, PodName } from '../kube.ts';

/** Port and path at which a sidecar's agent merges its service's metrics with its own, without mutual TLS. */
const mergedMetrics = ':15020/proxy/stats/prometheus';

/** Reads the counters of every proxy and the metrics of every service; undefined for one that does not respond. */
export async function takeSnapshot(kube: Kube): Promise<Snapshot> {
  const [instances, gateways] = await Promise.all([listInstances(kube), listGateways(kube)]);
  const proxies = instances.map(async ({ name, pod }) => {
    return [name, await readCounters(kube, { pod }).catch(() => undefined)] as const;
  });
  const pages = instances.map(async ({ name, service, pod }) => {
    const path = `/api/v1/namespaces/${STORE_NAMESPACE}/pods/${pod}${mergedMetrics}`;
    const text = await kube.run('get', '--raw', path).catch(() => undefined);
    return [name, { service, text }] as const;
  });
  const edges = [...Map.groupBy(gateways, ({ name }) => name)].map(async ([name, pods]) => {
    const all = Promise.all(pods.map((pod) => readCounters(kube, pod)));
    return [name, await all.then(addUp, () => undefined)] as const;
  });
  return {
    proxies: new Map(await Promise.all([...edges, ...proxies])),
    services: new Map(await Promise.all(pages)),
  };
}

/** Reads counters and gauges by Envoy's names, without those that were never used. */
async function readCounters(kube: Kube, pod: PodName): Promise<Record<string, number>> {
  const text = await kube.exec(pod, 'istio-proxy', 'pilot-agent', 'request', 'GET', 'stats?usedonly');
  const numbers = Object.entries(readStats(text)).map(([name, value]) => [name, Number(value)] as const);
  return Object.fromEntries(numbers.filter(([, value]) => Number.isFinite(value)));
}

/** Adds up the pods of a gateway, which counts as one proxy. */
function addUp(all: Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counters of all) {
    for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
