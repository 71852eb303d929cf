import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Pair } from './compare-with-known-differences.ts';
import { type Json, type MeshDump, mapResources } from './dump.ts';
import { dumpLocal, type MeshState, type Sources } from './local.ts';

/** Stands for the content of a resource that only the cluster has. */
const ELSEWHERE = '(only here)';

interface RecordedState extends MeshState {
  /** Each resource as its index in `resources`, since most proxies have the same ones. */
  cluster: MeshDump<number>;
}

interface Recording {
  states: RecordedState[];
  resources: Json[];
}

/**
 * Writes a cluster's side of each state to a folder, with copies of the files that led to it. With these, tests compare
 * the local mesh without a cluster, and independently of changes in the checkout. The manifests' file names must be
 * unique.
 */
export async function writeRecording(
  folder: string,
  sources: Sources,
  states: MeshState[],
  pairs: Pair[],
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const copies = copiedSources(folder);
  for (const [name, file] of Object.entries(sources)) {
    await cp(file, copies[name as keyof Sources], { recursive: true });
  }
  const numbers = new Map<string, number>();
  const numberOf = (resource: Json) => {
    const text = JSON.stringify(resource);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  const recorded: RecordedState[] = [];
  for (const [index, { name, manifests }] of states.entries()) {
    for (const file of manifests) await cp(file, join(folder, basename(file)));
    const { local, cluster } = pairs[index] as Pair;
    recorded.push({
      name,
      manifests: manifests.map((file) => basename(file)),
      cluster: mapResources(withoutForeign(cluster, local), numberOf),
    });
  }
  // A line for each resource keeps diffs readable.
  const resources = `[\n${[...numbers.keys()].join(',\n')}\n]`;
  const text = `{"states": ${JSON.stringify(recorded)},\n"resources": ${resources}}\n`;
  await writeFile(join(folder, 'recorded.json'), text);
}

/**
 * Returns both sides of each recorded state: the cluster's as recorded, and the current translation of the recorded
 * files.
 */
export async function readRecording(folder: string): Promise<Pair[]> {
  const { states, resources }: Recording = JSON.parse(await readFile(join(folder, 'recorded.json'), 'utf8'));
  return Promise.all(
    states.map(async ({ name, manifests, cluster }) => {
      const files = manifests.map((file) => join(folder, file));
      return {
        state: name,
        local: await dumpLocal(copiedSources(folder), files, Object.keys(cluster)),
        cluster: mapResources(cluster, (number) => resources[number] as Json),
      };
    }),
  );
}

function withoutForeign(cluster: MeshDump, local: MeshDump): MeshDump {
  return mapResources(cluster, (resource, { proxy, kind, name }) =>
    local[proxy]?.[kind][name] === undefined ? ELSEWHERE : resource,
  );
}

function copiedSources(folder: string): Sources {
  return {
    topology: join(folder, 'topology.yaml'),
    meshConfig: join(folder, 'mesh-config.yaml'),
    standing: join(folder, 'standing'),
  };
}
