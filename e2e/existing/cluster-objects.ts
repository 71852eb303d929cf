import { createHash } from 'node:crypto';
import { type ClusterAccess, runKubectl } from '@meshmart/cluster/access';

interface KubernetesObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  spec?: Record<string, unknown>;
  [field: string]: unknown;
}

/** Annotations without a meaning for the object: istiod renews its leases there, and kubectl keeps what it has applied. */
const changing = [
  'control-plane.alpha.kubernetes.io/leader',
  'kubectl.kubernetes.io/last-applied-configuration',
  'pv.kubernetes.io/bound-by-controller',
];

/** Lists all objects of a cluster but Events: kind, name, and a hash without fields that Kubernetes changes by itself. */
export async function listObjects(access: ClusterAccess): Promise<string[]> {
  const names = await runKubectl(access, ['api-resources', '--verbs=list', '--output', 'name']);
  const kinds = names.split('\n').filter((name) => name && !/^events\b/.test(name));
  const get = ['get', kinds.join(), '--all-namespaces', '--output', 'json'];
  const { items }: { items: KubernetesObject[] } = JSON.parse(await runKubectl(access, get));
  return items.map(describe).sort();
}

/** The hash includes the UID: an object that was deleted and created again counts as changed. */
function describe({ status, metadata, spec, ...rest }: KubernetesObject): string {
  const { resourceVersion, generation, managedFields, annotations = {}, ...identity } = metadata;
  const kept = Object.entries(annotations).filter(([name]) => !changing.includes(name));
  const { renewTime, ...lease } = spec ?? {};
  // A volume with the policy Retain still names its last claim.
  const { claimRef, ...volume } = lease;
  const text = JSON.stringify({
    ...rest,
    identity,
    kept,
    spec: rest.kind === 'PersistentVolume' ? volume : lease,
  });
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return [rest.kind, metadata.namespace, metadata.name, hash].filter(Boolean).join(' ');
}
