import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';

/** Hardly noticeable, and far below the deadline of a peer call. */
const PATIENCE_MS = 500;

/**
 * Waits at most 500 ms for an optional part of a response.
 *
 * @param name the name of the part in the log
 * @returns undefined if it fails or takes longer, which is logged
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
    log.warn({ err }, `a response omits ${name}`);
    return undefined;
  } finally {
    tooLate.abort();
  }
}
