import { setTimeout as sleep } from 'node:timers/promises';
import { DEATH_WINDOW_MS, MAX_DEATHS } from '@meshmart/processes/restart-policy';
import type { Disturbance } from './experiment.ts';
import { createRandom } from './random.ts';
import type { Instance, Target } from './target.ts';

/** A killed instance restarts without its faults, so they are set repeatedly. */
const setEveryMs = 500;
const lookEveryMs = 200;
const recoveryMs = 60_000;
/** Stays below the limit at which the supervisor gives up, with one death to spare. */
const mostKillsOfOne = MAX_DEATHS - 2;

interface DisturbanceContext {
  target: Target;
  seed: number;
  /** Ends work and disturbance early. */
  signal: AbortSignal;
  warn(line: string): void;
}

export interface Disturbed<T> {
  result: T;
  /** Number of kills of all instances. */
  kills: number;
  /** Number of freezes of all instances. */
  freezes: number;
  /** When work and disturbance ended, in ms since the epoch. */
  endedAt: number;
}

/**
 * Does some work while instances have faults, are killed and are frozen. Settles when all are ready without faults
 * again. Short-lived certificates stay until the standing mesh is restored.
 *
 * @param work gets a signal that is aborted, with the reason, when `context.signal` is aborted or the disturbance fails
 */
export async function disturb<T>(
  { faults, faultsAfterS, kills, freezes, certificateLifetimeS }: Disturbance,
  context: DisturbanceContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Disturbed<T>> {
  const { target } = context;
  const { instances } = await target.status();
  const ending = new AbortController();
  const brokenOff = new AbortController();
  const faultsOf = ({ name, service }: Instance) => faults[name] ?? faults[service];
  const faulty = instances.filter(faultsOf);
  const inject = (instance: Instance) => target.setFaults(instance.name, faultsOf(instance) ?? {});
  const injectAll = () => Promise.all(faulty.map(inject));
  const keepFaults = async () => {
    if (faultsAfterS) {
      await sleep(faultsAfterS * 1000, undefined, { signal: ending.signal }).catch(() => {});
      if (!ending.signal.aborted) await injectAll();
    }
    if (kills) await repeat(setEveryMs, ending.signal, () => Promise.allSettled(faulty.map(inject)));
  };
  try {
    if (!faultsAfterS) await injectAll();
    if (certificateLifetimeS) await target.local?.setCertificateLifetime(certificateLifetimeS);
    const disturbing = Promise.all([
      kills ? killEvery(kills, { ...context, ending: ending.signal }) : 0,
      freezes ? freezeEvery(freezes, { ...context, ending: ending.signal }) : 0,
      keepFaults(),
    ]);
    // Without the disturbance the work would prove nothing, so it ends too.
    const settled = disturbing.catch((error) => brokenOff.abort(error));
    const end = async () => {
      ending.abort();
      await settled;
    };
    const done = await work(AbortSignal.any([context.signal, brokenOff.signal]))
      .then((result) => ({ result, endedAt: Date.now() }))
      .finally(end);
    const [killed, frozen] = await disturbing;
    return { ...done, kills: killed, freezes: frozen };
  } finally {
    await waitUntilClear(faulty, context);
  }
}

async function repeat(everyMs: number, end: AbortSignal, turn: () => Promise<unknown>): Promise<void> {
  while (!end.aborted) {
    await sleep(everyMs, undefined, { signal: end }).catch(() => {});
    if (!end.aborted) await turn();
  }
}

/** Kills one instance at a time until `ending`. @returns the number of kills */
async function killEvery(
  { instances: names, everyS }: NonNullable<Disturbance['kills']>,
  { target, seed, ending }: DisturbanceContext & { ending: AbortSignal },
): Promise<number> {
  const random = createRandom(seed);
  const killed: { name: string; at: number }[] = [];
  const isSpared = (name: string) =>
    killed.filter((kill) => kill.name === name && kill.at > Date.now() - DEATH_WINDOW_MS).length >=
    mostKillsOfOne;
  await repeat(everyS * 1000, ending, async () => {
    await waitUntilReady(names, target, ending);
    const possible = names.filter((name) => !isSpared(name));
    const chosen = possible[Math.floor(random() * possible.length)];
    if (!chosen || ending.aborted) return;
    if (target.local?.signal(chosen, 'SIGKILL')) killed.push({ name: chosen, at: Date.now() });
  });
  return killed.length;
}

/** Freezes one instance at a time until `ending`, and resumes the last one then. @returns the number of freezes */
async function freezeEvery(
  { instances: names, everyS, forS }: NonNullable<Disturbance['freezes']>,
  { target, seed, ending }: DisturbanceContext & { ending: AbortSignal },
): Promise<number> {
  const random = createRandom(seed + 1); // chooses other instances than the kills
  let frozen = 0;
  await repeat(everyS * 1000, ending, async () => {
    await waitUntilReady(names, target, ending);
    const chosen = names[Math.floor(random() * names.length)];
    if (!chosen || ending.aborted || !target.local?.signal(chosen, 'SIGSTOP')) return;
    frozen += 1;
    await sleep(forS * 1000, undefined, { signal: ending }).catch(() => {});
    target.local.signal(chosen, 'SIGCONT');
  });
  return frozen;
}

async function waitUntilReady(names: string[], target: Target, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const { instances } = await target.status();
    if (instances.every(({ name, state }) => state === 'ready' || !names.includes(name))) return;
    await sleep(lookEveryMs, undefined, { signal: end }).catch(() => {});
  }
}

/** Clears all faults and waits for every instance. Never throws, because that would hide why the work ended. */
async function waitUntilClear(faulty: Instance[], { target, warn }: DisturbanceContext): Promise<void> {
  const deadline = Date.now() + recoveryMs;
  let left: string[] = [];
  do {
    const cleared = await Promise.allSettled(faulty.map(({ name }) => target.setFaults(name, {})));
    const status = await target.status().catch(() => undefined);
    if (!status) return; // the target has stopped, and the faults with it
    left = [
      ...faulty.filter((_, index) => cleared[index]?.status === 'rejected').map(({ name }) => name),
      ...status.instances.filter(({ state }) => state !== 'ready').map(({ name }) => name),
    ];
    if (left.length === 0) return;
    await sleep(lookEveryMs);
  } while (Date.now() < deadline);
  warn(`still down or faulty after 60 s: ${[...new Set(left)].join(', ')}`);
}
