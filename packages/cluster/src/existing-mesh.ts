import { UserError } from '@meshmart/terminal/user-error';
import { parse } from 'yaml';
import { type ClusterAccess, runKubectl } from './access.ts';

/** An Istio that the cluster had before `up`, which installs the store beside it. */
export interface ExistingMesh {
  /** Namespace of istiod. */
  namespace: string;
  /** Version of istiod, the tag of its image. */
  version: string;
  revision: string;
  trustDomain: string;
  /** Labels with which a namespace gets sidecars of this revision, and is one that istiod watches. */
  labels: Record<string, string>;
  /** Gateway of the cluster that the store uses. Undefined if `up` installs one. */
  gateway?: ExistingGateway | undefined;
}

/** A gateway that the cluster had before `up`. */
export interface ExistingGateway {
  namespace: string;
  /** Label `istio` of its pods. */
  name: string;
  serviceAccount: string;
  service: string;
}

interface Item {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  spec: { template: { spec: { serviceAccountName?: string; containers: { image: string }[] } } };
}

interface MeshConfig {
  trustDomain?: string;
  discoverySelectors?: { matchLabels?: Record<string, string> }[];
}

/**
 * Finds the cluster's Istio.
 *
 * @param wanted its revision, if there are several
 * @param gateway one to use, as in `istio-ingress/ingressgateway`: its namespace, and the label `istio` of its pods
 * @returns undefined if no istiod runs
 * @throws UserError if the options do not name one of several, or if istiod watches no namespace that `up` could label
 */
export async function findExistingMesh(
  access: ClusterAccess,
  wanted: string | undefined,
  gateway: string | undefined,
): Promise<ExistingMesh | undefined> {
  const found = await list(access, 'deployments', 'app=istiod');
  if (found.length === 0) return undefined;
  const revisions = found.map(revisionOf);
  const istiod = found.find((one) => revisionOf(one) === (wanted ?? revisions[0]));
  if (!istiod || (!wanted && found.length > 1)) {
    throw new UserError(`Name a revision of Istio: --mesh-revision <${revisions.join(' | ')}>`);
  }
  const { namespace } = istiod.metadata;
  const revision = revisionOf(istiod);
  const config = await readMeshConfig(access, namespace, revision);
  const hasCni = (await list(access, 'daemonsets', 'k8s-app=istio-cni-node')).length > 0;
  const version = istiod.spec.template.spec.containers[0]?.image.replace(/^.*:/, '') ?? '';
  const injection = revision === 'default' ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': revision };
  return {
    namespace,
    version,
    revision,
    trustDomain: config.trustDomain ?? 'cluster.local',
    labels: {
      ...injection,
      ...watchedLabels(config),
      // Without the CNI plugin, an init container needs permissions that Pod Security "restricted" forbids.
      ...(hasCni ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {}),
    },
    gateway: gateway === undefined ? undefined : await findGateway(access, gateway),
  };
}

async function list(access: ClusterAccess, kind: string, selector: string, where = ['--all-namespaces']) {
  const args = ['get', kind, ...where, '--selector', selector, '--output', 'json'];
  return JSON.parse(await runKubectl(access, args)).items as Item[];
}

function revisionOf({ metadata }: Item): string {
  return metadata.labels?.['istio.io/rev'] ?? 'default';
}

async function readMeshConfig(
  access: ClusterAccess,
  namespace: string,
  revision: string,
): Promise<MeshConfig> {
  const name = revision === 'default' ? 'istio' : `istio-${revision}`;
  const get = ['get', 'configmap', name, '-n', namespace, '--ignore-not-found', '--output', 'json'];
  const text = await runKubectl(access, get);
  return text.trim() ? (parse(JSON.parse(text).data.mesh) ?? {}) : {};
}

/** Returns labels that the first of the discovery selectors asks for. */
function watchedLabels({ discoverySelectors = [] }: MeshConfig): Record<string, string> {
  if (discoverySelectors.length === 0) return {};
  const labels = discoverySelectors.find(({ matchLabels }) => matchLabels)?.matchLabels;
  if (!labels)
    throw new UserError("Istio's discoverySelectors have no matchLabels that a namespace could get");
  return labels;
}

async function findGateway(access: ClusterAccess, text: string): Promise<ExistingGateway> {
  const [namespace = '', name = ''] = text.split('/');
  const [deployments, services] = await Promise.all(
    ['deployments', 'services'].map((kind) => list(access, kind, `istio=${name}`, ['-n', namespace])),
  );
  const [deployment, service] = [deployments?.[0], services?.[0]];
  if (!deployment || !service) {
    throw new UserError(`Namespace "${namespace}" has no gateway with the label istio=${name}`);
  }
  const { serviceAccountName = 'default' } = deployment.spec.template.spec;
  return { namespace, name, serviceAccount: serviceAccountName, service: service.metadata.name };
}
