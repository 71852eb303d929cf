import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnvoyMessage, type NamedMessage, typed } from './envoy.ts';
import { clustersFile, listenersFile, routesFile } from './files.ts';
import { type Expected, type Watch, watchProxies } from './live.ts';
import type { Translation } from './translate.ts';
import { discoveryResponse, writeFileAtomically } from './xds-file.ts';

export { RejectedUpdateError } from './live.ts';

export interface Publisher {
  /**
   * Writes the translation and resolves when every running proxy has it live; `tookMs` is from the call until then.
   * @param adminSockets by proxy name; a proxy that does not answer there is not waited for.
   * @throws RejectedUpdateError when a proxy refuses it, or an Error when it is not live within 10 s; the files are then as before.
   */
  publish(translation: Translation, adminSockets: Map<string, string>): Promise<{ tookMs: number }>;
}

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const LISTENER = 'envoy.config.listener.v3.Listener';
const ROUTES = 'envoy.config.route.v3.RouteConfiguration';

/** Publishes to the folder of xDS files (the same as `Mesh.directory`); calls are run one after the other. */
export function createPublisher({ directory }: { directory: string }): Publisher {
  let last: Promise<unknown> = Promise.resolve();

  async function publish(
    translation: Translation,
    adminSockets: Map<string, string>,
  ): Promise<{ tookMs: number }> {
    const startedAt = performance.now();
    const before = await readState(directory);
    const watch = await watchProxies(adminSockets);
    try {
      await apply(directory, translation, before, watch);
    } catch (error) {
      await restore(directory, before);
      throw error;
    }
    return { tookMs: Math.round(performance.now() - startedAt) };
  }

  return {
    publish(translation, adminSockets) {
      const result = last.then(() => publish(translation, adminSockets));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Every xDS file of this package by its path; the secrets belong to the authority. */
type State = Map<string, string>;

/**
 * Make before break: a route may name a cluster only when the cluster is there, and a cluster may go only when no route names it.
 * Files have no acknowledgement as istiod's streams have, so each step waits until the proxies say that it is live.
 */
async function apply(
  directory: string,
  translation: Translation,
  before: State,
  watch: Watch,
): Promise<void> {
  const { proxies } = translation;
  const writer = createWriter(before);
  await Promise.all(
    [...proxies.keys()].map((proxy) => mkdir(join(directory, proxy), { recursive: true, mode: 0o700 })),
  );

  const added: Expected[] = [];
  for (const [proxy, { clusters }] of proxies) {
    const file = clustersFile(directory, proxy);
    const version = await writer.write(file, CLUSTER, [...clusters, ...onlyIn(before.get(file), clusters)]);
    added.push({ proxy, type: 'clusters', version });
  }
  await watch.untilLive(added);

  const routed: Expected[] = [];
  for (const [proxy, { routes, listeners }] of proxies) {
    for (const route of routes) {
      const version = await writer.write(routesFile(directory, proxy, route.name), ROUTES, [route]);
      routed.push({ proxy, type: 'routes', name: route.name, version });
    }
    const version = await writer.write(listenersFile(directory, proxy), LISTENER, listeners);
    routed.push({ proxy, type: 'listeners', version });
  }
  await watch.untilLive(routed);

  const removed: Expected[] = [];
  for (const [proxy, { clusters }] of proxies) {
    const version = await writer.write(clustersFile(directory, proxy), CLUSTER, clusters);
    removed.push({ proxy, type: 'clusters', version });
  }
  await watch.untilLive(removed);
  await Promise.all(
    [...before.keys()].filter((file) => !writer.written.has(file)).map((file) => rm(file, { force: true })),
  );
}

/** Writes what differs from what is there, and remembers which files belong to the translation. */
function createWriter(before: State) {
  const current = new Map(before);
  const written = new Set<string>();
  async function write(file: string, type: string, messages: EnvoyMessage[]): Promise<string> {
    const { version, text } = discoveryResponse(messages.map((message) => typed(type, message)));
    written.add(file);
    if (current.get(file) !== text) await writeFileAtomically(file, text);
    current.set(file, text);
    return version;
  }
  return { write, written };
}

/** The clusters of a file that the new list lacks: routes that are still live may name them. */
function onlyIn(text: string | undefined, clusters: NamedMessage[]): NamedMessage[] {
  if (text === undefined) return [];
  const names = new Set(clusters.map(({ name }) => name));
  const { resources } = JSON.parse(text) as { resources: NamedMessage[] };
  return resources.filter(({ name }) => !names.has(name));
}

async function readState(directory: string): Promise<State> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && !entry.name.startsWith('sds-'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
}

/** Puts the files back, so that running proxies and those that start later have the configuration that was good. */
async function restore(directory: string, before: State): Promise<void> {
  const current = await readState(directory);
  for (const [file, text] of before) {
    if (current.get(file) !== text) await writeFileAtomically(file, text);
  }
  await Promise.all([...current.keys()].filter((file) => !before.has(file)).map((file) => rm(file)));
}
