import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { runTool } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { accessFromPath, type ClusterAccess, runKubectl } from './access.ts';
import { dockerCache, dockerImageSteps, imagesOf } from './docker-images.ts';
import { pushToCluster } from './gitops/git-server.ts';
import { type IstioChart, MESH_NAMESPACE, type MeshSource } from './mesh.ts';
import { measureByMetricsServer } from './metrics.ts';
import {
  type ClusterNote,
  kubeconfigOf,
  noteImages,
  readNote,
  removeState,
  stateOf,
  writeNote,
} from './notes.ts';
import { OBSERVABILITY_NAMESPACE } from './observability.ts';
import { cniValues, findPlatform } from './platform.ts';
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
export const current: Provider = { prepare, open };

async function prepare(options: UpOptions): Promise<Cluster> {
  const { name } = options;
  if (options.gitops) {
    throw new UserError(
      'The provider "current" leaves a cluster as it was, and Argo CD could not be taken away without a trace: --no-gitops',
    );
  }
  const note = readNote(name);
  const images = noteImages(note, options);
  const context = options.context ?? note?.current?.context;
  if (!context) throw new UserError(await askForContext());
  if (!images.registry && !images.tag) {
    throw new UserError(
      'Nodes of a cluster of yours take images from a registry: --registry <where they are pushed to>, or --tag <of images that are there>',
    );
  }
  await assertPrograms(images.tag ? ['kubectl', 'helm'] : ['docker', 'kubectl', 'helm']);
  const { server, kubeconfig } = await readContext(context);
  if (note?.current && note.current.server !== server) {
    throw new UserError(
      `Cluster "${name}" is the one at ${note.current.server}, and the context "${context}" is of ${server}; give this one another --name`,
    );
  }
  mkdirSync(stateOf(name), { recursive: true, mode: 0o700 });
  writeFileSync(kubeconfigOf(name), kubeconfig, { mode: 0o600 });
  console.log(`Into the cluster of the context "${context}": ${server}`);
  try {
    const access = accessFromPath(kubeconfigOf(name), stateOf(name));
    const had = note?.current?.had ?? (await lookAround(access));
    const platform = note?.current ? note.current.platform : await findPlatform(access);
    if (options.observability && had.includes(OBSERVABILITY_NAMESPACE)) {
      throw new UserError(
        `The cluster has a namespace "${OBSERVABILITY_NAMESPACE}" of its own: leave ours out with --no-observability`,
      );
    }
    const port = options.port ?? note?.port ?? LOWEST_PORT;
    writeNote(name, { provider: 'current', port, ...images, current: { context, server, had, platform } });
  } catch (error) {
    if (!note) removeState(name);
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
  const note = readNote(name);
  if (!note?.current) throw new Error(`there is no note of cluster "${name}"`);
  const access = accessFromPath(kubeconfigOf(name), stateOf(name));
  const { context, had } = note.current;
  const mesh = meshOf(note.current);
  const ours = namespaces.filter((one) => !had.includes(one));
  return {
    name,
    state: stateOf(name),
    access,
    images: imagesOf(note),
    mesh,
    logs: `kubectl --kubeconfig ${access.kubeconfig} get events --all-namespaces`,
    namespaces: ours,
    cache: dockerCache,
    isRunning: () => existsSync(access.kubeconfig),
    nodeSteps: async (signal) => [
      { title: `Cluster of the context "${context}"`, run: () => waitForNodes(access, signal) },
    ],
    imageSteps: (signal) => dockerImageSteps(note, undefined, signal),
    serveCheckout: (checkout, options) => pushToCluster(access, checkout, options),
    findGateway: () => findGateway(name, access),
    measureMemory: () => measureByMetricsServer(access, ours),
    removeSteps: (signal) => [
      {
        title: `Removing what "up" has brought to "${context}"`,
        run: async (onLine) => {
          await removeInstalled(access, mesh, ours, { signal, onLine });
          removeState(name);
        },
      },
    ],
  };
}

/** What it measures with, and how it trusts its kubelets, is the cluster's own affair. */
function meshOf({ had, platform }: NonNullable<ClusterNote['current']>): MeshSource {
  const { metricsServer, gatewayApi, ...mesh } = releasedMesh('current');
  const chart = (name: IstioChart) => [...mesh.chart(name), ...(name === 'cni' ? cniValues(platform) : [])];
  return { ...mesh, chart, ...(had.includes(gatewayApiDefinition) ? {} : { gatewayApi }) };
}

/** The address that a load balancer gives it, or else a port of this machine, which kubectl forwards. */
async function findGateway(name: string, access: ClusterAccess): Promise<Gateway> {
  const note = readNote(name);
  if (!note?.current) throw new Error(`there is no note of cluster "${name}"`);
  const get = ['get', 'service', 'gateway', '-n', STORE_NAMESPACE, '--output', 'json'];
  const { status } = JSON.parse(await runKubectl(access, get));
  const [{ ip = '', hostname = ip } = {}] = status.loadBalancer?.ingress ?? [];
  const url = hostname ? `http://${hostname}` : localUrl(note.port);
  writeNote(name, { ...note, current: { ...note.current, url } });
  if (hostname) return { url };
  return { url, forward: ['port-forward', '-n', STORE_NAMESPACE, 'service/gateway', `${note.port}:80`] };
}
