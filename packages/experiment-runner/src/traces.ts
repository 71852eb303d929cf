import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from './experiment.ts';

const lookEveryMs = 1000;
/** Services and proxies export spans every five seconds, by OpenTelemetry's default and Envoy's. */
const quietMs = 15_000;

/** Returns a random first half for the ids of a load's traces. */
export function newTraceRunId(): string {
  return randomBytes(8).toString('hex');
}

/** Returns the ids that `loadtest/trace.ts` gives to the first `count` traces. */
export function listTraceIds(run: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${run}${number.toString(16).padStart(16, '0')}`);
}

/** Reads traces repeatedly until no new span has arrived for `quietMs`. */
export async function readCompleteTraces(
  read: () => Promise<Trace[]>,
  signal: AbortSignal,
  wait = { quietMs, lookEveryMs },
): Promise<Trace[]> {
  let seen = -1;
  let changedAt = 0;
  for (;;) {
    const traces = await read();
    const count = traces.reduce((sum, { spans }) => sum + spans.length, 0);
    if (count !== seen) changedAt = Date.now();
    else if (Date.now() - changedAt >= wait.quietMs) return traces;
    seen = count;
    await sleep(wait.lookEveryMs, undefined, { signal });
  }
}
