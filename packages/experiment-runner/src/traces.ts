import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from './experiment.ts';

const lookEveryMs = 1000;
/** Services and proxies send their spans every five seconds: OpenTelemetry's default and Envoy's. */
const quietMs = 15_000;

/** What the ids of a load's traces begin with. */
export function newTraceRunId(): string {
  return randomBytes(8).toString('hex');
}

/** The ids that `loadtest/trace.ts` gives to the first `count` traces. */
export function listTraceIds(run: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${run}${number.toString(16).padStart(16, '0')}`);
}

/** Reads traces until no new span has come for a while. @param wait how long, and between two looks */
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
