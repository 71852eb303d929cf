import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTool } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { accessFromPath, type ClusterAccess, runKubectl } from './access.ts';
import {
  type ClusterState,
  chooseImages,
  kubeconfigFile,
  readClusterState,
  removeClusterState,
  stateFolder,
  writeClusterState,
} from './cluster-state.ts';
import { cniValues, findDistribution } from './distributions.ts';
import { dockerCache, dockerImageSteps, imagesOf } from './docker-images.ts';
import { type ExistingMesh, findExistingMesh } from './existing-mesh.ts';
import { pushToCluster } from './gitops/git-server.ts';
import { MESH_NAMESPACE } from './mesh.ts';
import { measureByMetricsServer } from './metrics.ts';
import { OBSERVABILITY_NAMESPACE } from './observability.ts';
import { assertPrograms } from './programs.ts';
import {
  type Cluster,
  type Gateway,
  type IstioChart,
  LOWEST_PORT,
  localUrl,
  type MeshSource,
  type Provider,
  type UpOptions,
} from './provider.ts';
import { releasedMesh } from './released-mesh.ts';
import { removeInstalled } from './remove-installed.ts';
import { STORE_NAMESPACE } from './store.ts';
import { waitForNodes } from './wait-for-nodes.ts';

const namespaces = [STORE_NAMESPACE, OBSERVABILITY_NAMESPACE, MESH_NAMESPACE];
const gatewayApiDefinition = 'gateways.gateway.networking.k8s.io';

/** Provider for a cluster of the user's. `up` only adds to it, and `down` removes only what `up` has added. */
export const existing: Provider = { prepare, open };

async function prepare(options: UpOptions): Promise<Cluster> {
  const { name } = options;
  if (options.gitops) {
    throw new UserError('The provider "existing" cannot remove Argo CD without a trace: use --no-gitops');
  }
  const saved = readClusterState(name);
  const images = chooseImages(saved, options);
  const context = options.context ?? saved?.existing?.context;
  if (!context) throw new UserError(await explainContexts());
  if (!images.registry && !images.tag) {
    throw new UserError(
      'The nodes of your cluster need a registry: --registry <registry to push to>, or --tag <tag of existing images>',
    );
  }
  await assertPrograms(images.tag ? ['kubectl', 'helm'] : ['docker', 'kubectl', 'helm']);
  const { server, kubeconfig } = await readContext(context);
  if (saved?.existing && saved.existing.server !== server) {
    throw new UserError(
      `Cluster "${name}" is at ${saved.existing.server}, but context "${context}" is at ${server}. Use another --name`,
    );
  }
  mkdirSync(stateFolder(name), { recursive: true, mode: 0o700 });
  writeFileSync(kubeconfigFile(name), kubeconfig, { mode: 0o600 });
  console.log(`Installing into the cluster of context "${context}": ${server}`);
  try {
    const access = accessFromPath(kubeconfigFile(name), stateFolder(name));
    const before = saved?.existing;
    const mesh = before
      ? before.mesh
      : await findExistingMesh(access, options.meshRevision, options.gateway).catch(explainSilence);
    if (!mesh && (options.gateway ?? options.meshRevision) !== undefined) {
      throw new UserError(
        '--gateway and --mesh-revision need an Istio that the cluster has, but no istiod runs',
      );
    }
    const preexisting = before?.preexisting ?? (await listPreexisting(access, mesh));
    const distribution = before ? before.distribution : await findDistribution(access);
    if (options.observability && preexisting.includes(OBSERVABILITY_NAMESPACE)) {
      throw new UserError(
        `The cluster already has a namespace "${OBSERVABILITY_NAMESPACE}": use --no-observability`,
      );
    }
    const port = options.port ?? saved?.port ?? LOWEST_PORT;
    writeClusterState(name, {
      provider: 'existing',
      port,
      ...images,
      existing: {
        context,
        server,
        preexisting,
        distribution,
        mesh,
        public: options.public ?? before?.public,
      },
    });
  } catch (error) {
    if (!saved) removeClusterState(name);
    throw error;
  }
  return open(name);
}

async function explainContexts(): Promise<string> {
  const contexts = await runTool('kubectl', ['config', 'get-contexts', '--output', 'name']).catch(() => '');
  const known = contexts.split('\n').filter(Boolean).join(', ') || 'it has none';
  return `Name a context of your kubeconfig: --context <name> (${known})`;
}

/** Reads one context as a separate kubeconfig, so that a later switch of context has no effect. */
async function readContext(context: string): Promise<{ server: string; kubeconfig: string }> {
  const view = ['config', 'view', '--raw', '--flatten', '--minify', '--context', context, '--output', 'json'];
  const kubeconfig = await runTool('kubectl', view).catch((error) => {
    throw new UserError(`There is no context "${context}": ${error.message}`);
  });
  return { server: JSON.parse(kubeconfig).clusters[0].cluster.server, kubeconfig };
}

/**
 * Lists what the cluster has already and `down` must keep.
 *
 * @throws UserError if `up` would change something that the cluster has
 */
async function listPreexisting(access: ClusterAccess, mesh: ExistingMesh | undefined): Promise<string[]> {
  const kinds = 'namespaces,customresourcedefinitions';
  const list = await runKubectl(access, ['get', kinds, '--output', 'name']);
  const found = list.split('\n').map((line) => line.split('/')[1] ?? '');
  const taken = found.filter(
    (one) => one === STORE_NAMESPACE || (!mesh && (one === MESH_NAMESPACE || one.endsWith('.istio.io'))),
  );
  if (taken.length === 0) {
    return found.filter((one) => [OBSERVABILITY_NAMESPACE, gatewayApiDefinition].includes(one));
  }
  const names =
    taken.length > 3 ? `${taken.slice(0, 3).join(', ')} and ${taken.length - 3} more` : taken.join(', ');
  throw new UserError(`The cluster already has ${names}, which "down" would delete. Use another cluster`);
}

function explainSilence(error: Error): never {
  if (error instanceof UserError) throw error;
  throw new UserError(`Kubernetes does not respond: ${error.message}`);
}

function open(name: string): Cluster {
  const saved = readClusterState(name);
  if (!saved?.existing) throw new Error(`no state of cluster "${name}"`);
  const access = accessFromPath(kubeconfigFile(name), stateFolder(name));
  const { context, preexisting } = saved.existing;
  const mesh = meshFor(saved.existing);
  const isOurs = (one: string) => !preexisting.includes(one) && !(mesh.existing && one === MESH_NAMESPACE);
  const ours = namespaces.filter(isOurs);
  return {
    name,
    state: stateFolder(name),
    access,
    images: imagesOf(saved),
    mesh,
    logs: `kubectl --kubeconfig ${access.kubeconfig} get events --all-namespaces`,
    namespaces: ours,
    cache: dockerCache,
    isRunning: () => existsSync(access.kubeconfig),
    nodeSteps: async (signal) => [
      { title: `Cluster of context "${context}"`, run: () => waitForNodes(access, signal) },
    ],
    imageSteps: (signal) => dockerImageSteps(saved, undefined, signal),
    serveCheckout: (checkout, options) => pushToCluster(access, checkout, options),
    findGateway: (waiting) => findGateway(name, access, waiting),
    measureMemory: () => measureByMetricsServer(access, ours),
    removeSteps: (signal) => [
      {
        title: `Removing what "up" has installed into "${context}"`,
        run: async (onLine) => {
          await removeInstalled(access, mesh, ours, { signal, onLine });
          removeClusterState(name);
        },
      },
    ],
  };
}

/** Leaves out metrics-server, which is the cluster's own choice, and what the cluster has. */
function meshFor(saved: NonNullable<ClusterState['existing']>): MeshSource {
  const { preexisting, mesh: existing } = saved;
  const { metricsServer, gatewayApi, ...mesh } = releasedMesh('existing');
  const chart = (name: IstioChart) => [...mesh.chart(name), ...chartValues(name, saved)];
  if (existing) {
    const title = `Istio ${existing.version} of the cluster, revision "${existing.revision}"`;
    return { ...mesh, title, chart, existing };
  }
  const hasGatewayApi = preexisting.includes(gatewayApiDefinition);
  return { ...mesh, chart, ...(hasGatewayApi ? {} : { gatewayApi }) };
}

function chartValues(chart: IstioChart, saved: NonNullable<ClusterState['existing']>): string[] {
  if (chart === 'cni') return cniValues(saved.distribution);
  if (chart !== 'gateway') return [];
  const revision = saved.mesh?.revision ?? 'default';
  return [
    ...(saved.public ? ['--set', 'service.annotations=null'] : []),
    ...(revision === 'default' ? [] : ['--set', `revision=${revision}`]),
  ];
}

/**
 * Returns the address of a load balancer that is open to the internet, else a port that kubectl forwards: an internal one is out of
 * this machine's reach. Saves the URL for experiments.
 *
 * @param waiting ends the wait for an open load balancer's address; clouds take minutes
 */
async function findGateway(name: string, access: ClusterAccess, waiting?: AbortSignal): Promise<Gateway> {
  const saved = readClusterState(name);
  if (!saved?.existing) throw new Error(`no state of cluster "${name}"`);
  const { mesh, public: isPublic } = saved.existing;
  const { service, namespace } = mesh?.gateway ?? { service: 'gateway', namespace: STORE_NAMESPACE };
  const readAddress = async (): Promise<string> => {
    const get = ['get', 'service', service, '-n', namespace, '--output', 'json'];
    const { status } = JSON.parse(await runKubectl(access, get));
    const [{ ip = '', hostname = ip } = {}] = status.loadBalancer?.ingress ?? [];
    return hostname;
  };
  let address = await readAddress();
  while (isPublic && !address && waiting?.aborted === false) {
    await sleep(2000, undefined, { signal: waiting }).catch(() => {});
    address = await readAddress();
  }
  const isReachable = isPublic && address;
  const url = isReachable ? `http://${address}` : localUrl(saved.port);
  writeClusterState(name, { ...saved, existing: { ...saved.existing, url } });
  if (isReachable) return { url };
  const forward = ['port-forward', '-n', namespace, `service/${service}`, `${saved.port}:80`];
  return { url, forward, ...(address ? { address } : {}) };
}
