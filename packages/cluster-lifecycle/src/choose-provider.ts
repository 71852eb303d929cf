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
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

const providers: Record<ProviderName, () => Promise<Provider>> = {
  kind: async () => (await import('@meshmart/cluster/kind')).kind,
  minikube: async () => (await import('@meshmart/cluster/minikube')).minikube,
  'from-source': async () => (await import('@meshmart/cluster-from-source/provider')).fromSource,
  existing: async () => (await import('@meshmart/cluster/existing')).existing,
};

/** Options that only some providers know. */
const known = {
  index: ['from-source'],
  context: ['existing'],
  registry: ['kind', 'minikube', 'existing'],
  tag: ['kind', 'minikube', 'existing'],
} satisfies Partial<Record<keyof UpOptions, ProviderName[]>>;

/** @returns undefined when there is no cluster of that name */
export async function openCluster(name: string): Promise<Cluster | undefined> {
  const provider = providerOf(name);
  if (provider) return (await providers[provider]()).open(name);
  // Only root sees the clusters of "from-source".
  if (existsSync(clustersDirectory)) assertRoot();
  return undefined;
}

/** The cluster that `up` is about to make or to go on with; says in one line where it comes from when that was not said. */
export async function prepareCluster(options: UpOptions): Promise<Cluster> {
  const { name, provider: wanted } = options;
  const has = providerOf(name);
  if (has && wanted && has !== wanted) {
    throw new UserError(
      `Cluster "${name}" is one of "${has}": remove it (${commandLine('down', name)}), or give this one another --name`,
    );
  }
  const chosen = has ?? wanted ?? (await chooseProvider());
  for (const [option, by] of Object.entries(known)) {
    if (options[option as keyof typeof known] === undefined || by.some((one) => one === chosen)) continue;
    throw new UserError(`The provider "${chosen}" knows no --${option}; it is for ${by.join(', ')}`);
  }
  if (!wanted)
    console.log(`Provider "${chosen}": ${has ? `cluster "${name}" is one of it` : reasons[chosen]}`);
  return (await providers[chosen]()).prepare(options);
}

function providerOf(name: string): ProviderName | undefined {
  return readClusterState(name)?.provider ?? (findSourceCluster(name) && 'from-source');
}

const reasons: Record<ProviderName, string> = {
  kind: 'kind and Docker are on the PATH',
  minikube: 'minikube and Docker are on the PATH',
  'from-source': 'there is neither kind nor minikube with Docker, and this machine can be a node itself',
  existing: '',
};

async function chooseProvider(): Promise<ProviderName> {
  const has = async (program: string) => (await findProgram(program, config.searchPath)) !== undefined;
  for (const program of ['kind', 'minikube'] as const) {
    if ((await has(program)) && (await has('docker'))) return program;
  }
  await assertCanBeNode().catch((error) => {
    throw new UserError(
      [
        'Nothing on this machine makes a cluster. Any of these does:',
        `  kind (${programs.kind.get}) or minikube (${programs.minikube.get}), with Docker`,
        '  a cluster that you have: ./meshmart cluster up --provider existing --context <name> --registry <yours>',
        `  the provider "from-source", but: ${(error as Error).message}`,
      ].join('\n'),
    );
  });
  return 'from-source';
}
