import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';

/** Less than anybody notices, and far below the deadline of a call. */
const PATIENCE_MS = 500;

/**
 * Waits 500 ms for a part of a response that it can do without.
 *
 * @param name the name of the part, for the log
 * @returns the part, or undefined when it fails or takes longer
 */
export async function optional<T>(
  part: Promise<T>,
  { log, name }: { log: FastifyBaseLogger; name: string },
): Promise<T | undefined> {
  const tooLate = new AbortController();
  try {
    const late = sleep(PATIENCE_MS, undefined, { signal: tooLate.signal }).then(() => {
      throw new Error(`no ${name} after ${PATIENCE_MS} ms`);
    });
    return await Promise.race([part, late]);
  } catch (err) {
    log.warn({ err }, `a response does without ${name}`);
    return undefined;
  } finally {
    tooLate.abort();
  }
}
