import { setTimeout as sleep } from 'node:timers/promises';
import { setSickness } from '../sickness.ts';
import { deathsToGiveUp, withinMs } from '../supervision/restart-policy.ts';
import { readRunRecord, signalGroup } from '../supervision/run-record.ts';
import type { Control, PlatformStatus } from './control.ts';
import type { Disturbance } from './define.ts';
import { createRandom } from './random.ts';

/** An instance that was killed comes back well, so it is told again and again. */
const tellEveryMs = 500;
const lookEveryMs = 200;
const recoveryMs = 60_000;
/** Below what makes the supervisor give up, with one death to spare for chance. */
const mostKillsOfOne = deathsToGiveUp - 2;

export interface DisturbanceContext {
  control: Control;
  /** The run folder, which tells the processes of the instances. */
  directory: string;
  seed: number;
  warn(line: string): void;
}

export interface Disturbed<T> {
  result: T;
  /** How many times an instance was killed. */
  kills: number;
  /** When the work and the disturbance ended: `Date.now()` of then. */
  endedAt: number;
}

/** Does some work while instances are sick and are killed. Resolves when all are alive and well again, and rejects then, too. */
export async function disturb<T>(
  { sickness, kills }: Disturbance,
  context: DisturbanceContext,
  work: () => Promise<T>,
): Promise<Disturbed<T>> {
  const { instances } = await context.control.status();
  const ending = new AbortController();
  const sick = instances.filter(({ service }) => sickness[service]);
  const tell = ({ service, sicknessSocket }: Instance) =>
    setSickness(sicknessSocket, sickness[service] ?? {});
  const tasks: Promise<number>[] = [];
  try {
    await Promise.all(sick.map(tell));
    tasks.push(
      repeat(tellEveryMs, ending.signal, () => Promise.allSettled(sick.map(tell))),
      killEvery(kills, { ...context, ending: ending.signal }),
    );
    const result = await work();
    ending.abort();
    const endedAt = Date.now();
    const [, killed = 0] = await Promise.all(tasks);
    return { result, kills: killed, endedAt };
  } finally {
    ending.abort();
    await Promise.allSettled(tasks);
    await waitUntilWell(sick, context);
  }
}

type Instance = PlatformStatus['instances'][number];

/** @returns how often it was done */
async function repeat(everyMs: number, end: AbortSignal, turn: () => Promise<unknown>): Promise<number> {
  let count = 0;
  for (;;) {
    await sleep(everyMs, undefined, { signal: end }).catch(() => {});
    if (end.aborted) return count;
    await turn();
    count++;
  }
}

async function killEvery(
  { services, everyS }: Disturbance['kills'],
  { control, directory, seed, ending }: DisturbanceContext & { ending: AbortSignal },
): Promise<number> {
  const random = createRandom(seed);
  const killedAt = new Map<string, number[]>();
  let kills = 0;
  await repeat(everyS * 1000, ending, async () => {
    const since = Date.now() - withinMs;
    const recentKills = (name: string) => (killedAt.get(name) ?? []).filter((at) => at > since);
    const { instances } = await control.status();
    const possible = instances.filter(
      ({ name, service, state }) =>
        services.includes(service) && state === 'ready' && recentKills(name).length < mostKillsOfOne,
    );
    const chosen = possible[Math.floor(random() * possible.length)];
    const running = readRunRecord(directory).find(({ name }) => name === chosen?.name);
    if (!chosen || !running) return;
    signalGroup(running.pid, 'SIGKILL');
    killedAt.set(chosen.name, [...recentKills(chosen.name), Date.now()]);
    kills++;
  });
  return kills;
}

/** Never throws: it must not hide why the work has ended. */
async function waitUntilWell(sick: Instance[], { control, warn }: DisturbanceContext): Promise<void> {
  const deadline = Date.now() + recoveryMs;
  let left: string[] = [];
  do {
    const cured = await Promise.allSettled(sick.map(({ sicknessSocket }) => setSickness(sicknessSocket, {})));
    const status = await control.status().catch(() => undefined);
    if (!status) return; // the platform has stopped, and everybody's sickness with it
    left = [
      ...sick.filter((_, index) => cured[index]?.status === 'rejected').map(({ name }) => name),
      ...status.instances.filter(({ state }) => state !== 'ready').map(({ name }) => name),
    ];
    if (left.length === 0) return;
    await sleep(lookEveryMs);
  } while (Date.now() < deadline);
  warn(`not alive and well again: ${[...new Set(left)].join(', ')}`);
}
