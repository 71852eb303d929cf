import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { STANDING_RESOURCES } from '@meshmart/local-platform/mesh';
import { identify, isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';
import { ToolFailedError } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { waitUntilDistributed } from './istio/distribution.ts';
import { waitForGeneratedGateways } from './istio/generated-gateways.ts';
import type { Kube } from './kube.ts';
import { removeLoad } from './load-job.ts';
import { type KubeObject, listManifests, overlayObjects, readObjects, without } from './manifests.ts';
import { pauseSelfHeal, resumeSelfHeal } from './self-heal.ts';

/** ConfigMap with the lock and the objects to delete again. It outlives a killed run. */
const recordName = 'experiment';

interface Holder extends ProcessIdentity {
  experiment: string;
  host: string;
  /** The run changes nothing in the mesh, so nothing has to be restored after it. */
  onlyLocks?: boolean;
}

interface Record extends KubeObject {
  /** In JSON: the holder of the lock, and the objects that it may have added to the standing ones. */
  data: { holder: string; added: string };
}

/** The manifests of an experiment over the standing mesh of a cluster, and the lock for them. */
export interface Overlay {
  /**
   * Applies these files in place of those of the last call. The first call takes the lock.
   *
   * @throws UserError when another run has it
   */
  set(experiment: string, files: string[]): Promise<void>;
  /** Takes the lock and restores what a killed run left, if any. @throws UserError when another run has the lock */
  lock(experiment: string): Promise<void>;
  /** Restores the standing mesh and releases the lock. Does nothing without the lock. */
  clear(): Promise<void>;
}

/** Returns the overlay of one run. It is not locked yet. */
export function createOverlay(kube: Kube): Overlay {
  let record: Record | undefined;
  let isChanged = false;

  const change = async (held: Record, files: string[]): Promise<void> => {
    const standing = await kube.mesh.adapt(await readObjects(await listManifests(STANDING_RESOURCES)));
    const wanted = overlayObjects(standing, await kube.mesh.adapt(await readObjects(files)));
    const added = without(wanted, standing);
    const before: KubeObject[] = JSON.parse(held.data.added);
    // Recorded before it is applied, because the next run removes what a killed run has recorded.
    await recordAdded(held, overlayObjects(before, added));
    const { items }: { items: KubeObject[] } = JSON.parse(
      await kube.send('apply', wanted, '--output', 'json'),
    );
    const deleted = without(before, wanted);
    if (deleted.length > 0) await kube.send('delete', deleted, '--ignore-not-found');
    await waitForGeneratedGateways(kube, { applied: items, deleted });
    await waitUntilDistributed(kube, { applied: items, deleted });
    await recordAdded(held, added);
  };

  const recordAdded = async (held: Record, added: KubeObject[]): Promise<void> => {
    const text = JSON.stringify(added);
    if (text === held.data.added) return;
    held.data.added = text;
    await kube.send('replace', [held]);
  };

  const apply = async (held: Record, files: string[], isFirst: boolean): Promise<void> => {
    isChanged = true;
    if (isFirst) await pauseSelfHeal(kube);
    await change(held, files);
  };

  const restore = async (held: Record): Promise<void> => {
    await change(held, []);
    await resumeSelfHeal(kube);
    isChanged = false;
  };

  const clear = async (): Promise<void> => {
    if (!record) return;
    if (isChanged) await restore(record);
    await kube.run('delete', 'configmap', recordName);
    record = undefined;
  };

  return {
    async set(experiment, files) {
      const isFirst = record === undefined;
      record ??= (await takeRecord(kube, { experiment })).record;
      await apply(record, files, isFirst).catch(async (error) => {
        if (isFirst) await clear();
        throw error;
      });
    },
    async lock(experiment) {
      const taken = await takeRecord(kube, { experiment, onlyLocks: true });
      ({ record } = taken);
      if (taken.isLeftOver) await restore(record);
    },
    clear,
  };
}

/**
 * Resolves when no run of this machine holds the lock. Another run may then take it.
 *
 * @returns whether it had to wait
 */
export async function waitUntilUnused(kube: Kube, signal: AbortSignal): Promise<boolean> {
  for (let hasWaited = false; ; hasWaited = true) {
    const found = await findRecord(kube);
    if (!found || !isAliveHere(JSON.parse(found.data.holder))) return hasWaited;
    await sleep(1000, undefined, { signal });
  }
}

/**
 * Creates the record, or takes over the record of a dead run.
 *
 * @returns it, and whether that run may have left objects behind
 */
async function takeRecord(
  kube: Kube,
  purpose: Pick<Holder, 'experiment' | 'onlyLocks'>,
): Promise<{ record: Record; isLeftOver: boolean }> {
  const holder = JSON.stringify({ ...identify(process.pid), ...purpose, host: hostname() });
  const fresh = (added: string): Record => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: recordName },
    data: { holder, added },
  });
  for (;;) {
    const own = fresh('[]');
    if (await isDone(kube.send('create', [own]), ['AlreadyExists'])) {
      return { record: own, isLeftOver: false };
    }
    const found = await findRecord(kube);
    if (!found) continue; // it was released meanwhile
    const { metadata, data } = found;
    const dead: Holder = JSON.parse(data.holder);
    refuseLiving(dead);
    const takenOver = fresh(data.added);
    // If two runs find it, only one can replace this version.
    const { resourceVersion } = metadata;
    const replacement = { ...takenOver, metadata: { name: recordName, resourceVersion } } as Record;
    if (!(await isDone(kube.send('replace', [replacement]), ['Conflict', 'NotFound']))) continue;
    await removeLoad(kube);
    return { record: takenOver, isLeftOver: !dead.onlyLocks };
  }
}

/** @returns false when the API rejects the request for one of these reasons */
async function isDone(work: Promise<unknown>, reasons: string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof ToolFailedError && reasons.some((reason) => error.output.includes(`(${reason})`))) {
      return false;
    }
    throw error;
  }
}

async function findRecord(kube: Kube): Promise<Record | undefined> {
  const found = await kube.run('get', 'configmap', recordName, '--ignore-not-found', '--output', 'json');
  return found ? JSON.parse(found) : undefined;
}

const isHere = (host: string) => host === hostname();
const isAliveHere = ({ host, ...process }: Holder) => isHere(host) && isAlive(process);

function refuseLiving(holder: Holder): void {
  const { experiment, host, pid } = holder;
  if (isHere(host) && !isAliveHere(holder)) return;
  const where = isHere(host) ? `pid ${pid}` : `pid ${pid} on ${host}`;
  const otherwise = isHere(host)
    ? ''
    : `, or if it is dead: kubectl --namespace meshmart delete configmap ${recordName}`;
  throw new UserError(
    `the experiment ${experiment} is running (${where}); wait until it has ended${otherwise}`,
  );
}
