import { ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import type { ClusterAccess } from './access.ts';
import type { Checkout } from './gitops/checkout.ts';
import type { Environment } from './gitops/delivery.ts';
import type { MeshSource } from './mesh.ts';
import type { StoreImages } from './store.ts';

export const providerNames = ['kind', 'minikube', 'from-source', 'existing'] as const;
export type ProviderName = (typeof providerNames)[number];

/** What `up` was called with; what is undefined is as it was, or by default. */
export interface UpOptions {
  name: string;
  provider?: ProviderName;
  port?: number;
  observability: boolean;
  /** Of `from-source`. */
  index?: number;
  /** Of all others: where images are pushed to, and the tag of images that are there already. */
  registry?: string;
  tag?: string;
  /** Of `existing`. */
  context?: string;
  /** By Argo CD from Git, or by Helm. */
  gitops?: boolean;
  /** With Argo CD: another repository than the checkout, and what of it. */
  repo?: string;
  revision?: string;
  environment?: Environment;
}

/** What a cluster needs besides Istio and the store. */
export interface Components {
  argoCd: boolean;
  argoRollouts: boolean;
  observability: boolean;
}

/** Where a cluster comes from. What differs between them is here and in `Cluster`; all else is the same for all. */
export interface Provider {
  /**
   * Finds out whether this can go well, and notes the cluster: from now on it is one, and `status` and `down` know it.
   *
   * @throws UserError with the next step
   */
  prepare(options: UpOptions): Promise<Cluster>;
  /** A cluster that was noted. */
  open(name: string): Cluster;
}

export interface Cluster {
  name: string;
  /** Its folder. */
  state: string;
  access: ClusterAccess;
  images: StoreImages;
  mesh: MeshSource;
  /** The manifests of Argo CD and Argo Rollouts, each a file or a URL; undefined where they could not be taken away again. */
  argo?: { cd: string; rollouts: string };
  /** Where its nodes say what went wrong: a folder, or a line to run. */
  logs: string;
  /** The namespaces that `up` fills; undefined where the whole cluster is its own. */
  namespaces?: string[];
  /** Whether its nodes were brought up, and are not known to stand still. */
  isRunning(): boolean;
  /** Until Kubernetes answers. Safe to repeat, as all steps are. */
  nodeSteps(signal: AbortSignal, components: Components): Promise<Step[]>;
  /** Until the nodes can start the store's images. */
  imageSteps(signal: AbortSignal, components: Components): Step[];
  /** Lets the cluster fetch the checkout's commits. @returns the repository's URL there */
  serveCheckout(checkout: Checkout, options: ToolOptions): Promise<string>;
  findGateway(): Promise<Gateway>;
  /** Measured now; undefined where nobody measures. */
  measureMemory(): Promise<MemoryUse | undefined>;
  /** Until nothing is left of what `up` has made. */
  removeSteps(signal: AbortSignal): Step[];
  /** What stays nevertheless, since the next cluster is made of it. */
  cache: string;
}

export interface Gateway {
  /** As in `http://127.0.0.1:9080`. */
  url: string;
  /** Arguments of the kubectl that has to run for it to answer there. */
  forward?: string[];
}

export interface MemoryUse {
  podBytes: number;
  /** All else that runs on the nodes; undefined when it is not known. */
  nodeBytes?: number;
}

/** Where the gateway's Service is on a node, as in cluster/istio/gateway.yaml. */
export const GATEWAY_NODE_PORT = 30_080;
export const LOWEST_PORT = 9080;

export function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function commandLine(action: 'up' | 'down', name: string): string {
  return `./meshmart cluster ${action} --name ${name}`;
}

/** What the user is told of a step that failed: why, and how to go on. */
export function explainFailure(
  error: unknown,
  { aborted }: AbortSignal,
  goOn: string,
  logs?: string,
): unknown {
  if (aborted) return new UserError(`Interrupted. ${goOn}`);
  if (!(error instanceof ToolFailedError)) return error;
  return new UserError([error.message, goOn, ...(logs ? [`Logs of the nodes: ${logs}`] : [])].join('\n'));
}
