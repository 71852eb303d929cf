import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { listGateways, listInstances } from '../instances.ts';
import type { Kube } from '../kube.ts';
import { type KubeObject, keyOf } from '../manifests.ts';

const patienceMs = 60_000;
const pauseMs = 200;

export interface Change {
  /** The objects as the API stored them. */
  applied: KubeObject[];
  deleted: KubeObject[];
}

/** istiod's status of one proxy: the nonces of its last push and of the last acknowledged one, by type of resource. */
interface ProxySync {
  proxy: string;
  resources: Record<string, { sent?: string; acked?: string; lastError?: string }>;
}

/**
 * Waits until every proxy of the store has acknowledged a configuration with this change. Istio has no API for this, so
 * three facts are checked in turn: istiod has the objects, its push context contains a marker policy that was applied
 * later, and every proxy has acknowledged a push made after that.
 *
 * @throws an Error with a proxy's reason for rejecting the configuration, or with what is still missing after a minute
 */
export async function waitUntilDistributed(kube: Kube, change: Change): Promise<void> {
  const istiods = await listIstiods(kube);
  await until('istiod to know the objects', async () => {
    const stores = await Promise.all(istiods.map((istiod) => ask<KubeObject[]>(kube, istiod, 'configz')));
    return stores.flatMap((objects) => describeMissing(change, objects));
  });
  await withMarkerPolicy(kube, async (mark) => {
    await until('istiod to make the configuration', async () => {
      const contexts = await Promise.all(istiods.map((istiod) => ask(kube, istiod, 'pushcontext')));
      return contexts.every((context) => JSON.stringify(context).includes(mark)) ? [] : istiods;
    });
  });
  await waitForAcks(kube, istiods);
}

/** Makes istiod push everything to every proxy, so that proxies without a change get a new nonce too. */
async function waitForAcks(kube: Kube, istiods: string[]): Promise<void> {
  const readAll = async () => {
    const namespaces = new Set([STORE_NAMESPACE, kube.mesh.gateway.namespace]);
    const paths = [...namespaces].map((namespace) => `syncz?namespace=${namespace}`);
    const questions = istiods.flatMap((istiod) => paths.map((path) => ask<ProxySync[]>(kube, istiod, path)));
    return (await Promise.all(questions)).flat();
  };
  const before = new Set(
    (await readAll()).flatMap(({ resources }) => Object.values(resources).map(({ sent }) => sent)),
  );
  await Promise.all(istiods.map((istiod) => request(kube, istiod, 'adsz?push=true')));
  const refused = new Set<string | undefined>();
  await until('the proxies to have it', async () => {
    const [gateways, instances] = [await listGateways(kube), await listInstances(kube)];
    const proxies = [
      ...gateways.map(({ pod, namespace }) => `${pod}.${namespace}`),
      ...instances.filter(({ state }) => state === 'ready').map(({ pod }) => `${pod}.${STORE_NAMESPACE}`),
    ];
    const own = (await readAll()).filter(({ proxy }) => proxies.includes(proxy));
    const taken = own.filter((proxy) => hasTaken(proxy, before, refused));
    const done = new Set(taken.map(({ proxy }) => proxy));
    return proxies.filter((proxy) => !done.has(proxy));
  });
}

/**
 * @param refused nonces of rejections, because istiod reports an earlier one until the proxy has answered the next push
 */
function hasTaken(
  { proxy, resources }: ProxySync,
  before: Set<string | undefined>,
  refused: Set<string | undefined>,
): boolean {
  const types = Object.values(resources);
  const isConfigured = types.length > 0;
  return (
    isConfigured &&
    types.every(({ sent, acked, lastError }) => {
      if (sent === acked) return !before.has(sent);
      if (lastError && refused.has(sent)) throw new Error(`${proxy} rejects the configuration: ${lastError}`);
      if (lastError && !before.has(sent)) refused.add(sent);
      return false;
    })
  );
}

/** Lists the objects of the change that istiod does not have yet, or still has. It keeps only Istio's kinds. */
function describeMissing({ applied, deleted }: Change, objects: KubeObject[]): string[] {
  const known = new Map(objects.map((object) => [keyOf(object), object]));
  const isOld = (object: KubeObject) =>
    BigInt(known.get(keyOf(object))?.metadata.resourceVersion ?? 0) <
    BigInt(object.metadata.resourceVersion ?? 0);
  const isIstios = ({ apiVersion }: KubeObject) =>
    /\.istio\.io\/|^gateway\.networking\.k8s\.io\//.test(apiVersion);
  return [
    ...applied.filter(isIstios).filter(isOld),
    ...deleted.filter((object) => known.has(keyOf(object))),
  ].map(keyOf);
}

/**
 * Does some work while a marker policy exists that selects no workload. istiod handles changes in order and reports the
 * policies behind its pushes: a push with the marker includes every earlier change.
 */
async function withMarkerPolicy(kube: Kube, work: (mark: string) => Promise<void>): Promise<void> {
  const mark = randomUUID();
  const policy = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'experiment-mark' },
    spec: { selector: { matchLabels: { 'meshmart-mark': mark } } },
  };
  await kube.send('apply', [policy]);
  try {
    await work(mark);
  } finally {
    await kube.send('delete', [policy]);
  }
}

async function listIstiods(kube: Kube): Promise<string[]> {
  const { namespace, selector } = kube.mesh.istiod;
  const running = ['--selector', selector, '--field-selector', 'status.phase=Running'];
  const names = await kube.run('get', 'pods', '--namespace', namespace, ...running, '--output', 'name');
  return names.split('\n').filter(Boolean);
}

async function ask<T>(kube: Kube, istiod: string, path: string): Promise<T> {
  return JSON.parse(await request(kube, istiod, path));
}

/** istiod's debug endpoints answer only to its own pod. */
function request(kube: Kube, istiod: string, path: string): Promise<string> {
  const command = ['pilot-discovery', 'request', 'GET', `/debug/${path}`];
  return kube.run('exec', '--namespace', kube.mesh.istiod.namespace, istiod, '--', ...command);
}

async function until(what: string, listMissing: () => Promise<string[]>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const missing = await listMissing();
    if (missing.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`waited ${patienceMs / 1000} s for ${what}: ${missing.join(', ')}`);
    await sleep(pauseMs);
  }
}
