/** The parts used here of https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
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
  endPort?: number;
  protocol?: string;
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string };
}

export interface Pod {
  namespace: string;
  labels: Record<string, string>;
}

export interface Connection {
  from: Pod;
  to: Pod;
  /** Number and protocol: "53/UDP", or "8080" for TCP. */
  port: string;
}

/** Tells whether the policies let a connection out of its source. A pod without a policy is open. */
export function letsOut(policies: NetworkPolicy[], { from, to, port }: Connection): boolean {
  const own = policiesOf(policies, from, 'Egress');
  return (
    own.length === 0 ||
    own.some(({ metadata, spec }) =>
      spec.egress?.some((rule) => hasPort(rule.ports, port) && hasPeer(rule.to, to, metadata.namespace)),
    )
  );
}

/** Tells whether the policies let a connection in at its destination. */
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

function hasPort(ports: Port[] | undefined, connection: string): boolean {
  const [number, wanted = 'TCP'] = connection.split('/');
  return (
    !ports ||
    ports.some(({ port, endPort = port, protocol = 'TCP' }) => {
      if (typeof port !== 'number') throw new Error(`a port by its name is not understood here: ${port}`);
      return protocol === wanted && port <= Number(number) && Number(number) <= endPort;
    })
  );
}

/** Tells whether a rule without peers, or one of its peers, includes the pod. @throws for an IP block */
function hasPeer(peers: Peer[] | undefined, pod: Pod, own: string): boolean {
  return (
    !peers ||
    peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
      if (ipBlock?.cidr.startsWith('169.254.')) return false; // no pod has a link-local address
      if (ipBlock) throw new Error('an ipBlock is not understood here');
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
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`the operator ${operator} is not understood here`);
      return values.includes(labels[key] ?? '');
    })
  );
}
