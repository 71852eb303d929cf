import { existsSync } from 'node:fs';
import { assertPortFree } from '@meshmart/processes/ports';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { accessFromPath } from './access.ts';
import { dockerCache, dockerImageSteps, imagesOf } from './docker-images.ts';
import { releasedArgo } from './gitops/argo-cd.ts';
import { pushToCluster } from './gitops/git-server.ts';
import { measureByMetricsServer } from './metrics.ts';
import { kubeconfigOf, noteImages, readNote, removeState, stateOf, writeNote } from './notes.ts';
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
  start(cluster: LocalCluster, options: ToolOptions): Promise<unknown>;
  load(name: string, images: string[], options: ToolOptions): Promise<unknown>;
  remove(cluster: LocalCluster, options: ToolOptions): Promise<unknown>;
}

export interface LocalCluster {
  name: string;
  state: string;
  kubeconfig: string;
  /** Of the gateway, on 127.0.0.1. */
  port: number;
}

export function localProvider(tool: NodeTool): Provider {
  return {
    prepare: (options) => prepare(tool, options),
    open: (name) => open(tool, name),
  };
}

async function prepare(tool: NodeTool, options: UpOptions): Promise<Cluster> {
  const { name } = options;
  const { provider } = tool;
  await assertPrograms(['docker', provider, 'kubectl', 'helm']);
  const note = readNote(name);
  if (!note && (await tool.has(name))) {
    throw new UserError(
      `There is a cluster "${name}" of ${provider}'s that "up" has not made; choose another name: ${commandLine('up', '<name>')}`,
    );
  }
  if (note && options.port && options.port !== note.port) {
    throw new UserError(
      `Cluster "${name}" has port ${note.port}; to change it, begin anew: ${commandLine('down', name)}`,
    );
  }
  const port = note?.port ?? options.port ?? LOWEST_PORT;
  if (!note) await assertPortFree(port, commandLine('up', name));
  writeNote(name, { ...note, provider, port, ...noteImages(note, options) });
  return open(tool, name);
}

function open(tool: NodeTool, name: string): Cluster {
  const note = readNote(name);
  if (!note) throw new Error(`there is no note of cluster "${name}"`);
  const state = stateOf(name);
  const kubeconfig = kubeconfigOf(name);
  const access = accessFromPath(kubeconfig, state);
  const { port } = note;
  const local: LocalCluster = { name, state, kubeconfig, port };
  return {
    name,
    state,
    access,
    images: imagesOf(note),
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
      dockerImageSteps(note, (images, options) => tool.load(name, images, options), signal),
    serveCheckout: (checkout, options) => pushToCluster(access, checkout, options),
    findGateway: async () => ({ url: localUrl(port) }),
    measureMemory: () => measureByMetricsServer(access),
    removeSteps: (signal) => [
      {
        title: `Removing cluster "${name}"`,
        run: async (onLine) => {
          await tool.remove(local, { signal, onLine });
          removeState(name);
        },
      },
    ],
  };
}
