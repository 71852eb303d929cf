import Type, { type Static } from 'typebox';
import { closed } from './schema.ts';

const LABEL_WITH_VALUE = {
  pattern: '^[^=]+=[^=]*$',
  errorMessage: 'the local platform supports LABEL=VALUE; use that, or run it with --on cluster',
};

export const LocalityLbSetting = closed({
  enabled: Type.Optional(Type.Boolean()),
  failoverPriority: Type.Optional(Type.Array(Type.String(LABEL_WITH_VALUE))),
});

/** The part of a traffic policy that decides about failover. */
interface FailoverPolicy {
  loadBalancer?: { localityLbSetting?: Static<typeof LocalityLbSetting> };
  outlierDetection?: object;
}

/**
 * Returns the labels that instances need for the highest priority. There are none without outlier detection: Envoy
 * would never turn to a lower priority.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/loadbalancer/loadbalancer.go#L383
 */
export function failoverLabels({ loadBalancer, outlierDetection }: FailoverPolicy): [string, string][] {
  const { enabled = true, failoverPriority = [] } = loadBalancer?.localityLbSetting ?? {};
  if (!enabled || !outlierDetection) return [];
  return failoverPriority.map((label) => label.split('=') as [string, string]);
}

/**
 * Groups instances by priority: those with all labels, then those that lack only the last label, and so on.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/loadbalancer/loadbalancer.go#L604
 */
export function groupByPriority<Instance extends { labels: Record<string, string> }>(
  instances: Instance[],
  policy: FailoverPolicy,
): Instance[][] {
  const labels = failoverLabels(policy);
  const priorityOf = (instance: Instance) => {
    const mismatch = labels.findIndex(([name, value]) => (instance.labels[name] ?? '') !== value);
    return mismatch === -1 ? 0 : labels.length - mismatch;
  };
  const groups = Map.groupBy(instances, priorityOf);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
