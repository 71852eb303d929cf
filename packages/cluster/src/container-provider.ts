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
import { releasedArgo } from './gitops/argo-cd.ts';
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
import { releasedMesh } from './released-mesh.ts';
import { waitForNodes } from './wait-for-nodes.ts';

/** A program that runs nodes as containers of this machine. */
export interface NodeTool {
  provider: 'kind' | 'minikube';
  /** The line that shows what its nodes say. */
  logs(name: string): string;
  /** Whether it has a cluster of that name, whoever made it. */
  has(name: string): Promise<boolean>;
  /** Makes a cluster, or starts the one that is there. */
  start(cluster: ContainerCluster, options: ToolOptions): Promise<unknown>;
  load(name: string, images: string[], options: ToolOptions): Promise<unknown>;
  remove(cluster: ContainerCluster, options: ToolOptions): Promise<unknown>;
}

export interface ContainerCluster {
  name: string;
  state: string;
  kubeconfig: string;
  /** Of the gateway, on 127.0.0.1. */
  port: number;
}

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
      `There is a cluster "${name}" of ${provider}'s that "up" has not made; choose another name: ${commandLine('up', '<name>')}`,
    );
  }
  if (saved && options.port && options.port !== saved.port) {
    throw new UserError(
      `Cluster "${name}" has port ${saved.port}; to change it, begin anew: ${commandLine('down', name)}`,
    );
  }
  const port = saved?.port ?? options.port ?? LOWEST_PORT;
  if (!saved) await assertPortFree(port, commandLine('up', name));
  writeClusterState(name, { ...saved, provider, port, ...chooseImages(saved, options) });
  return open(tool, name);
}

function open(tool: NodeTool, name: string): Cluster {
  const saved = readClusterState(name);
  if (!saved) throw new Error(`there is no note of cluster "${name}"`);
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
    argo: releasedArgo,
    logs: tool.logs(name),
    cache: dockerCache,
    isRunning: () => existsSync(kubeconfig),
    nodeSteps: async (signal) => [
      {
        title: `Node "${name}" by ${tool.provider}`,
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
        title: `Removing cluster "${name}"`,
        run: async (onLine) => {
          await tool.remove(local, { signal, onLine });
          removeClusterState(name);
        },
      },
    ],
  };
}
