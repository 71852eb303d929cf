import { ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import type { ClusterAccess } from './access.ts';
import type { ExistingMesh } from './existing-mesh.ts';
import type { Checkout } from './gitops/checkout.ts';
import type { StoreImages } from './store.ts';

export const providerNames = ['kind', 'minikube', 'from-source', 'existing'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Environments in argocd/applications, each with a file of values. */
export const environments = ['demo', 'lean', 'rollouts', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** Options of `up`. Undefined means the value of the last `up`, or the default. */
export interface UpOptions {
  name: string;
  provider?: ProviderName;
  port?: number;
  observability: boolean;
  /** Not for `from-source`: registry to push images to, and tag of images that exist already. */
  registry?: string;
  tag?: string;
  /** Like `registry`: platform to build the images for, as in `linux/arm64`. */
  platform?: string;
  /** For `existing`: context of the user's kubeconfig. */
  context?: string;
  /** For `existing`: revision and gateway of an Istio that the cluster has (existing-mesh.ts). */
  meshRevision?: string;
  gateway?: string;
  /** For `existing`: whether the load balancer is open to the internet. */
  public?: boolean;
  /** For `existing`: print what `up` would change, and change nothing. */
  dryRun?: boolean;
  /** With Helm: files and single values for the store's chart. */
  values?: string[];
  set?: string[];
  /** Whether Argo CD deploys the store from Git. Otherwise Helm deploys it from the working tree. */
  gitops?: boolean;
  /** With Argo CD: URL of another repository than the checkout, and its branch, tag or commit. */
  repo?: string;
  revision?: string;
  environment?: Environment;
}

/** Components that a cluster needs besides Istio and the store. */
export interface Components {
  argoCd: boolean;
  argoRollouts: boolean;
  observability: boolean;
}

/** Istio's charts, by their released names. */
export type IstioChart = 'base' | 'cni' | 'istiod' | 'gateway';

/** Source of the mesh's charts and images. */
export interface MeshSource {
  /** Values in cluster/<provider>/istio apply besides those in cluster/istio. */
  provider: ProviderName;
  /** Name and version, as in `Istio 1.31.1`. */
  title: string;
  /** Returns arguments with which `helm template` finds a chart and its images. */
  chart(name: IstioChart): string[];
  /** Istio that the cluster has. `up` then installs nothing of the mesh but a gateway, unless the cluster has that, too. */
  existing?: ExistingMesh;
  /** Manifests of the Gateway API: a file, a folder or a URL. Undefined if the cluster has it. */
  gatewayApi?: string;
  /** Undefined if the cluster's owner decides about metrics-server. */
  metricsServer?: {
    /** Folder with a kustomization, or URL of a file. */
    manifests: string;
    /** Argument that states which kubelets it trusts. */
    kubeletTrust: string;
  };
}

/** Creates clusters in one way. All differences between providers are here and in `Cluster`. */
export interface Provider {
  /**
   * Checks the preconditions, and saves the cluster's state. From then on `status` and `down` know the cluster.
   *
   * @throws UserError with the next step if a precondition fails
   */
  prepare(options: UpOptions): Promise<Cluster>;
  /** Returns a cluster whose state was saved. */
  open(name: string): Cluster;
}

/** A cluster as its provider presents it. */
export interface Cluster {
  name: string;
  /** Folder with the cluster's files. */
  state: string;
  access: ClusterAccess;
  images: StoreImages;
  mesh: MeshSource;
  /** Manifests of Argo CD and Argo Rollouts, each a file or a URL. Undefined if `down` could not remove them. */
  argo?: { cd: string; rollouts: string };
  /** Place of the nodes' logs: a folder, or a command that shows them. */
  logs: string;
  /** Namespaces that `up` has created. Undefined if the whole cluster is its own. */
  namespaces?: string[];
  /** Tells whether its nodes were started, and are not known to be stopped. */
  isRunning(): boolean;
  /** Steps until Kubernetes responds. Safe to repeat, like all steps. */
  nodeSteps(signal: AbortSignal, components: Components): Promise<Step[]>;
  /** Steps until the nodes can start the store's images. */
  imageSteps(signal: AbortSignal, components: Components): Step[];
  /** Makes the checkout's commits available in the cluster. @returns the URL of the repository there */
  serveCheckout(checkout: Checkout, options: ToolOptions): Promise<string>;
  /** Finds out how to reach the gateway. @param waiting ends the wait for the address of a cloud's load balancer */
  findGateway(waiting?: AbortSignal): Promise<Gateway>;
  /** Measures the memory in use. @returns undefined if nothing measures it */
  measureMemory(): Promise<MemoryUse | undefined>;
  /** Steps until everything that `up` has created is gone. */
  removeSteps(signal: AbortSignal): Step[];
  /** Sentence about the cache that `down` keeps for the next cluster. */
  cache: string;
}

/** Address of a cluster's gateway. */
export interface Gateway {
  /** URL without a slash at the end, as in `http://127.0.0.1:9080`. */
  url: string;
  /** Arguments of the kubectl that has to run while the URL is in use. */
  forward?: string[];
  /** Address of a load balancer that only its own network reaches. */
  address?: string;
}

/** Memory in use, in bytes. */
export interface MemoryUse {
  podBytes: number;
  /** Memory of everything else on the nodes. Undefined if unknown. */
  nodeBytes?: number;
}

/** Port of the gateway's Service on a node, the same as in cluster/istio/gateway.yaml. */
export const GATEWAY_NODE_PORT = 30_080;
/** Default port of the gateway on 127.0.0.1. */
export const LOWEST_PORT = 9080;

/** Returns the URL of a port of this machine. */
export function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Returns the command for an action on a cluster. */
export function commandLine(action: 'up' | 'down', name: string): string {
  return `./meshmart cluster ${action} --name ${name}`;
}

/** Turns the error of a failed step into one with the reason, the next step and the place of the logs. */
export function explainFailure(
  error: unknown,
  { aborted }: AbortSignal,
  nextStep: string,
  logs?: string,
): unknown {
  if (aborted) return new UserError(`Interrupted. ${nextStep}`);
  if (!(error instanceof ToolFailedError)) return error;
  return new UserError([error.message, nextStep, ...(logs ? [`Logs of the nodes: ${logs}`] : [])].join('\n'));
}
