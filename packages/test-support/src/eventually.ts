import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `ask` every 20 ms until it returns neither false nor undefined.
 *
 * @throws an Error after `timeoutMs`
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`still not true after ${timeoutMs} ms: ${ask}`);
    await sleep(20);
  }
}
