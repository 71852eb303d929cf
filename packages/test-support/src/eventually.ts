import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is neither false nor undefined. @throws after `timeoutMs` */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${ask}`);
    await sleep(20);
  }
}
