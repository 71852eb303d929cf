/** As much as is used here: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
export interface NetworkPolicy {
  kind: 'NetworkPolicy';
  metadata: { namespace: string };
  spec: {
    podSelector: Selector;
    policyTypes: ('Ingress' | 'Egress')[];
    ingress?: { ports?: Port[]; from?: Peer[] }[];
    egress?: { ports?: Port[]; to?: Peer[] }[];
  };
}

interface Port {
  port: number;
  protocol?: string;
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In'; values: string[] }[];
}

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
}

export interface Pod {
  namespace: string;
  labels: Record<string, string>;
}

export interface Connection {
  from: Pod;
  to: Pod;
  /** TCP. */
  port: number;
}

/** Whether a CNI that enforces the policies lets it out of where it begins. Without any policy for it a pod is open. */
export function letsOut(policies: NetworkPolicy[], { from, to, port }: Connection): boolean {
  const own = policiesOf(policies, from, 'Egress');
  return (
    own.length === 0 ||
    own.some(({ metadata, spec }) =>
      spec.egress?.some((rule) => hasPort(rule.ports, port) && hasPeer(rule.to, to, metadata.namespace)),
    )
  );
}

/** Whether it is let in where it ends. */
export function letsIn(policies: NetworkPolicy[], { from, to, port }: Connection): boolean {
  const own = policiesOf(policies, to, 'Ingress');
  return (
    own.length === 0 ||
    own.some(({ metadata, spec }) =>
      spec.ingress?.some((rule) => hasPort(rule.ports, port) && hasPeer(rule.from, from, metadata.namespace)),
    )
  );
}

function policiesOf(policies: NetworkPolicy[], pod: Pod, type: 'Ingress' | 'Egress'): NetworkPolicy[] {
  return policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      spec.policyTypes.includes(type) &&
      selects(spec.podSelector, pod.labels),
  );
}

function hasPort(ports: Port[] | undefined, port: number): boolean {
  return !ports || ports.some((one) => one.port === port && (one.protocol ?? 'TCP') === 'TCP');
}

function hasPeer(peers: Peer[] | undefined, pod: Pod, own: string): boolean {
  return (
    !peers ||
    peers.some(({ podSelector, namespaceSelector }) => {
      const isNamespace = namespaceSelector
        ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': pod.namespace })
        : pod.namespace === own;
      return isNamespace && (!podSelector || selects(podSelector, pod.labels));
    })
  );
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
