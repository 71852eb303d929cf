import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';

/** A change with kubectl to something that Git defines. */
interface Drift {
  /** Argo CD's application with the object. */
  application: string;
  object: string;
  /** JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901). */
  path: string;
  /** A harmless value that differs from the one in Git. */
  value: unknown;
}

/** Changes to a workload, to networking and to the mesh. */
const drifts: Drift[] = [
  { application: 'user', object: 'deployments.apps/user-v1', path: '/spec/replicas', value: 2 },
  { application: 'user', object: 'services/user', path: '/metadata/labels/app', value: 'by-hand' },
  {
    application: 'mesh',
    object: 'destinationrules.networking.istio.io/user',
    path: '/spec/trafficPolicy/outlierDetection/maxEjectionPercent',
    value: 10,
  },
];

export const applications = [...new Set(drifts.map(({ application }) => application))];

interface Change {
  drift: Drift;
  /** The value before. */
  before: unknown;
  at: number;
}

export interface Watched {
  object: string;
  isBack: boolean;
  /** Until it was reverted, or until the end of the watch. */
  seconds: number;
}

const pauseMs = 200;

export async function makeChanges(kube: Kube): Promise<Change[]> {
  const changes: Change[] = [];
  for (const drift of drifts) {
    const before = await read(kube, drift);
    if (isDeepStrictEqual(before, drift.value))
      throw new Error(`${drift.object} already has ${drift.value} as its ${drift.path}`);
    await write(kube, drift, drift.value);
    changes.push({ drift, before, at: Date.now() });
  }
  return changes;
}

/** Watches the changes until all are reverted, for `atMostS` seconds at most. */
export async function watchChanges(
  kube: Kube,
  changes: Change[],
  { atMostS, signal }: { atMostS: number; signal: AbortSignal },
): Promise<Watched[]> {
  const deadline = Date.now() + atMostS * 1000;
  const watch = async ({ drift, at }: Change): Promise<Watched> => {
    for (;;) {
      const isBack = !isDeepStrictEqual(await read(kube, drift), drift.value);
      const now = Date.now();
      if (isBack || now > deadline) return { object: drift.object, isBack, seconds: (now - at) / 1000 };
      await sleep(pauseMs, undefined, { signal });
    }
  };
  return Promise.all(changes.map(watch));
}

export async function revert(kube: Kube, changes: Change[]): Promise<void> {
  for (const { drift, before } of changes) await write(kube, drift, before);
}

async function read(kube: Kube, { object, path }: Drift): Promise<unknown> {
  const found = JSON.parse(await kube.run('get', object, '--output', 'json'));
  const keys = path.split('/').slice(1);
  return keys.reduce((value, key) => value[key], found);
}

async function write(kube: Kube, { object, path }: Drift, value: unknown): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path, value }]);
  await kube.run('patch', object, '--type', 'json', '--patch', patch);
}
