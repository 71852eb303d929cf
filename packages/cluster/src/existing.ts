import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
import { pushToCluster } from './gitops/git-server.ts';
import { type IstioChart, MESH_NAMESPACE, type MeshSource } from './mesh.ts';
import { measureByMetricsServer } from './metrics.ts';
import { OBSERVABILITY_NAMESPACE } from './observability.ts';
import { assertPrograms } from './programs.ts';
import {
  type Cluster,
  type Gateway,
  LOWEST_PORT,
  localUrl,
  type Provider,
  type UpOptions,
} from './provider.ts';
import { releasedMesh } from './released-mesh.ts';
import { removeInstalled } from './remove-installed.ts';
import { STORE_NAMESPACE } from './store.ts';
import { waitForNodes } from './wait-for-nodes.ts';

const namespaces = [STORE_NAMESPACE, OBSERVABILITY_NAMESPACE, MESH_NAMESPACE];
const gatewayApiDefinition = 'gateways.gateway.networking.k8s.io';

/** A cluster that somebody has: nothing is changed in it but what `up` brings, and `down` takes only that away. */
export const existing: Provider = { prepare, open };

async function prepare(options: UpOptions): Promise<Cluster> {
  const { name } = options;
  if (options.gitops) {
    throw new UserError(
      'The provider "existing" leaves a cluster as it was, and Argo CD could not be taken away without a trace: --no-gitops',
    );
  }
  const saved = readClusterState(name);
  const images = chooseImages(saved, options);
  const context = options.context ?? saved?.existing?.context;
  if (!context) throw new UserError(await askForContext());
  if (!images.registry && !images.tag) {
    throw new UserError(
      'Nodes of a cluster of yours take images from a registry: --registry <where they are pushed to>, or --tag <of images that are there>',
    );
  }
  await assertPrograms(images.tag ? ['kubectl', 'helm'] : ['docker', 'kubectl', 'helm']);
  const { server, kubeconfig } = await readContext(context);
  if (saved?.existing && saved.existing.server !== server) {
    throw new UserError(
      `Cluster "${name}" is the one at ${saved.existing.server}, and the context "${context}" is of ${server}; give this one another --name`,
    );
  }
  mkdirSync(stateFolder(name), { recursive: true, mode: 0o700 });
  writeFileSync(kubeconfigFile(name), kubeconfig, { mode: 0o600 });
  console.log(`Into the cluster of the context "${context}": ${server}`);
  try {
    const access = accessFromPath(kubeconfigFile(name), stateFolder(name));
    const had = saved?.existing?.had ?? (await lookAround(access));
    const distribution = saved?.existing ? saved.existing.distribution : await findDistribution(access);
    if (options.observability && had.includes(OBSERVABILITY_NAMESPACE)) {
      throw new UserError(
        `The cluster has a namespace "${OBSERVABILITY_NAMESPACE}" of its own: leave ours out with --no-observability`,
      );
    }
    const port = options.port ?? saved?.port ?? LOWEST_PORT;
    writeClusterState(name, {
      provider: 'existing',
      port,
      ...images,
      existing: { context, server, had, distribution },
    });
  } catch (error) {
    if (!saved) removeClusterState(name);
    throw error;
  }
  return open(name);
}

async function askForContext(): Promise<string> {
  const contexts = await runTool('kubectl', ['config', 'get-contexts', '--output', 'name']).catch(() => '');
  const known = contexts.split('\n').filter(Boolean).join(', ') || 'there is none';
  return `Say which cluster, by a context of your kubeconfig: --context <name> (${known})`;
}

/** The one context as a kubeconfig of its own: whatever the user switches to later, this cluster stays the one. */
async function readContext(context: string): Promise<{ server: string; kubeconfig: string }> {
  const view = ['config', 'view', '--raw', '--flatten', '--minify', '--context', context, '--output', 'json'];
  const kubeconfig = await runTool('kubectl', view).catch((error) => {
    throw new UserError(`There is no context "${context}": ${error.message}`);
  });
  return { server: JSON.parse(kubeconfig).clusters[0].cluster.server, kubeconfig };
}

/**
 * What a cluster has that `up` may find, and `down` has to leave.
 *
 * @throws UserError when there is something that `up` would change
 */
async function lookAround(access: ClusterAccess): Promise<string[]> {
  const kinds = 'namespaces,customresourcedefinitions';
  const list = await runKubectl(access, ['get', kinds, '--output', 'name']).catch((error) => {
    throw new UserError(`Kubernetes does not answer: ${error.message}`);
  });
  const found = list.split('\n').map((line) => line.split('/')[1] ?? '');
  const taken = found.filter(
    (one) => [STORE_NAMESPACE, MESH_NAMESPACE].includes(one) || one.endsWith('.istio.io'),
  );
  if (taken.length === 0) {
    return found.filter((one) => [OBSERVABILITY_NAMESPACE, gatewayApiDefinition].includes(one));
  }
  const names =
    taken.length > 3 ? `${taken.slice(0, 3).join(', ')} and ${taken.length - 3} more` : taken.join(', ');
  throw new UserError(
    `The cluster has what "up" would bring and "down" would take away: ${names}. Take another cluster`,
  );
}

function open(name: string): Cluster {
  const saved = readClusterState(name);
  if (!saved?.existing) throw new Error(`there is no note of cluster "${name}"`);
  const access = accessFromPath(kubeconfigFile(name), stateFolder(name));
  const { context, had } = saved.existing;
  const mesh = meshOf(saved.existing);
  const ours = namespaces.filter((one) => !had.includes(one));
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
      { title: `Cluster of the context "${context}"`, run: () => waitForNodes(access, signal) },
    ],
    imageSteps: (signal) => dockerImageSteps(saved, undefined, signal),
    serveCheckout: (checkout, options) => pushToCluster(access, checkout, options),
    findGateway: () => findGateway(name, access),
    measureMemory: () => measureByMetricsServer(access, ours),
    removeSteps: (signal) => [
      {
        title: `Removing what "up" has brought to "${context}"`,
        run: async (onLine) => {
          await removeInstalled(access, mesh, ours, { signal, onLine });
          removeClusterState(name);
        },
      },
    ],
  };
}

/** What it measures with, and how it trusts its kubelets, is the cluster's own affair. */
function meshOf({ had, distribution }: NonNullable<ClusterState['existing']>): MeshSource {
  const { metricsServer, gatewayApi, ...mesh } = releasedMesh('existing');
  const chart = (name: IstioChart) => [
    ...mesh.chart(name),
    ...(name === 'cni' ? cniValues(distribution) : []),
  ];
  return { ...mesh, chart, ...(had.includes(gatewayApiDefinition) ? {} : { gatewayApi }) };
}

/** The address that a load balancer gives it, or else a port of this machine, which kubectl forwards. */
async function findGateway(name: string, access: ClusterAccess): Promise<Gateway> {
  const saved = readClusterState(name);
  if (!saved?.existing) throw new Error(`there is no note of cluster "${name}"`);
  const get = ['get', 'service', 'gateway', '-n', STORE_NAMESPACE, '--output', 'json'];
  const { status } = JSON.parse(await runKubectl(access, get));
  const [{ ip = '', hostname = ip } = {}] = status.loadBalancer?.ingress ?? [];
  const url = hostname ? `http://${hostname}` : localUrl(saved.port);
  writeClusterState(name, { ...saved, existing: { ...saved.existing, url } });
  if (hostname) return { url };
  return { url, forward: ['port-forward', '-n', STORE_NAMESPACE, 'service/gateway', `${saved.port}:80`] };
}
