import { existsSync } from 'node:fs';
import { readClusterState } from '@meshmart/cluster/cluster-state';
import { programs } from '@meshmart/cluster/programs';
import {
  type Cluster,
  commandLine,
  type Provider,
  type ProviderName,
  type UpOptions,
} from '@meshmart/cluster/provider';
import { clustersDirectory } from '@meshmart/cluster-from-source/layout';
import { assertCanBeNode, assertRoot } from '@meshmart/cluster-from-source/preconditions';
import { findCluster as findSourceCluster } from '@meshmart/cluster-from-source/settings';
import { findProgram } from '@meshmart/processes/find-program';
import { runTool } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

const providers: Record<ProviderName, () => Promise<Provider>> = {
  kind: async () => (await import('@meshmart/cluster/kind')).kind,
  minikube: async () => (await import('@meshmart/cluster/minikube')).minikube,
  'from-source': async () => (await import('@meshmart/cluster-from-source/provider')).fromSource,
  existing: async () => (await import('@meshmart/cluster/existing')).existing,
};

/** Providers that accept an option, for options that not all accept. */
const known = {
  context: ['existing'],
  dryRun: ['existing'],
  gateway: ['existing'],
  meshRevision: ['existing'],
  platform: ['kind', 'minikube', 'existing'],
  public: ['existing'],
  registry: ['kind', 'minikube', 'existing'],
  tag: ['kind', 'minikube', 'existing'],
} satisfies Partial<Record<keyof UpOptions, ProviderName[]>>;

/** Opens a cluster. @returns undefined if there is none of that name @throws UserError if only root could tell */
export async function openCluster(name: string): Promise<Cluster | undefined> {
  const provider = providerOf(name);
  if (provider) return (await providers[provider]()).open(name);
  // Only root can read the state of clusters from source.
  if (existsSync(clustersDirectory)) assertRoot();
  return undefined;
}

/**
 * Prepares the cluster that `up` creates or continues, and prints the provider if the options name none.
 *
 * @throws UserError if the options do not fit the cluster or the provider, or a precondition fails
 */
export async function prepareCluster(options: UpOptions): Promise<Cluster> {
  const { name, provider: wanted } = options;
  const has = providerOf(name);
  if (has && wanted && has !== wanted) {
    throw new UserError(
      `Cluster "${name}" belongs to the provider "${has}". Use another --name, or delete it: ${commandLine('down', name)}`,
    );
  }
  const chosen = has ?? wanted ?? (await chooseProvider());
  for (const [option, by] of Object.entries(known)) {
    if (options[option as keyof typeof known] === undefined || by.some((one) => one === chosen)) continue;
    throw new UserError(
      `The provider "${chosen}" does not accept --${toKebab(option)}, only ${by.join(', ')}`,
    );
  }
  if (!wanted)
    console.log(`Provider "${chosen}": ${has ? `it has created cluster "${name}"` : reasons[chosen]}`);
  return (await providers[chosen]()).prepare(options);
}

/** Turns a property's name into the option's. */
function toKebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function providerOf(name: string): ProviderName | undefined {
  return readClusterState(name)?.provider ?? (findSourceCluster(name) && 'from-source');
}

const reasons: Record<ProviderName, string> = {
  kind: 'kind is on the PATH, and Docker is running',
  minikube: 'minikube is on the PATH, and Docker is running',
  'from-source':
    'neither kind nor minikube is installed with a running Docker, and this machine can be a node',
  existing: '',
};

async function chooseProvider(): Promise<ProviderName> {
  for (const program of ['kind', 'minikube'] as const) {
    if ((await findProgram(program, config.searchPath)) && (await isDockerRunning())) return program;
  }
  await assertCanBeNode().catch((error) => {
    throw new UserError(
      [
        'No provider works on this machine. Install or use one of these:',
        `  kind (${programs.kind.get}) or minikube (${programs.minikube.get}), with a running Docker`,
        '  your own cluster: ./meshmart cluster up --provider existing --context <name> --registry <registry>',
        `  from-source, but: ${(error as Error).message}`,
      ].join('\n'),
    );
  });
  return 'from-source';
}

function isDockerRunning(): Promise<boolean> {
  return runTool('docker', programs.docker.version, { signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  );
}
