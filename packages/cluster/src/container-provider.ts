import { existsSync } from 'node:fs';
import { assertPortFree } from '@meshmart/processes/ports';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { accessFromPath } from './access.ts';
import {
  chooseImages,
  kubeconfigFile,
  readClusterState,
  removeClusterState,
  stateFolder,
  writeClusterState,
} from './cluster-state.ts';
import { dockerCache, dockerImageSteps, imagesOf } from './docker-images.ts';
import { pushToCluster } from './gitops/git-server.ts';
import { measureByMetricsServer } from './metrics.ts';
import { assertPrograms } from './programs.ts';
import {
  type Cluster,
  commandLine,
  LOWEST_PORT,
  localUrl,
  type Provider,
  type UpOptions,
} from './provider.ts';
import { argoManifests, releasedMesh } from './released-mesh.ts';
import { waitForNodes } from './wait-for-nodes.ts';

/** A program that runs Kubernetes nodes as containers. */
interface NodeTool {
  provider: 'kind' | 'minikube';
  /** Returns the command that shows the nodes' logs. */
  logs(name: string): string;
  /** Tells whether it has a cluster of that name, including those that `up` has not created. */
  has(name: string): Promise<boolean>;
  /** Creates a cluster, or starts an existing one. */
  start(cluster: ContainerCluster, options: ToolOptions): Promise<unknown>;
  load(name: string, images: string[], options: ToolOptions): Promise<unknown>;
  remove(cluster: ContainerCluster, options: ToolOptions): Promise<unknown>;
}

export interface ContainerCluster {
  name: string;
  state: string;
  kubeconfig: string;
  /** Port of the gateway on 127.0.0.1. */
  port: number;
}

/** Returns a provider that creates clusters with `tool`. */
export function containerProvider(tool: NodeTool): Provider {
  return {
    prepare: (options) => prepare(tool, options),
    open: (name) => open(tool, name),
  };
}

async function prepare(tool: NodeTool, options: UpOptions): Promise<Cluster> {
  const { name } = options;
  const { provider } = tool;
  await assertPrograms(['docker', provider, 'kubectl', 'helm']);
  const saved = readClusterState(name);
  if (!saved && (await tool.has(name))) {
    throw new UserError(
      `${provider} has a cluster "${name}" that this checkout has not created. Choose another name: ${commandLine('up', '<name>')}`,
    );
  }
  if (saved && options.port && options.port !== saved.port) {
    throw new UserError(
      `Cluster "${name}" has port ${saved.port}. To change it, delete the cluster first: ${commandLine('down', name)}`,
    );
  }
  const port = saved?.port ?? options.port ?? LOWEST_PORT;
  if (!saved) await assertPortFree(port, commandLine('up', name));
  writeClusterState(name, { ...saved, provider, port, ...chooseImages(saved, options) });
  return open(tool, name);
}

function open(tool: NodeTool, name: string): Cluster {
  const saved = readClusterState(name);
  if (!saved) throw new Error(`no state of cluster "${name}"`);
  const state = stateFolder(name);
  const kubeconfig = kubeconfigFile(name);
  const access = accessFromPath(kubeconfig, state);
  const { port } = saved;
  const local: ContainerCluster = { name, state, kubeconfig, port };
  return {
    name,
    state,
    access,
    images: imagesOf(saved),
    mesh: releasedMesh(tool.provider),
    argo: argoManifests(),
    logs: tool.logs(name),
    cache: dockerCache,
    isRunning: () => existsSync(kubeconfig),
    nodeSteps: async (signal) => [
      {
        title: `Node "${name}" with ${tool.provider}`,
        run: async (onLine) => {
          await tool.start(local, { signal, onLine });
          await waitForNodes(access, signal);
        },
      },
    ],
    imageSteps: (signal) =>
      dockerImageSteps(saved, (images, options) => tool.load(name, images, options), signal),
    serveCheckout: (checkout, options) => pushToCluster(access, checkout, options),
    findGateway: async () => ({ url: localUrl(port) }),
    measureMemory: () => measureByMetricsServer(access),
    removeSteps: (signal) => [
      {
        title: `Deleting cluster "${name}"`,
        run: async (onLine) => {
          await tool.remove(local, { signal, onLine });
          removeClusterState(name);
        },
      },
    ],
  };
}
