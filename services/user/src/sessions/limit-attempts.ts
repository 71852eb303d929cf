import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { App } from '@meshmart/service/app';
import { readClientAddress } from '@meshmart/service/client-address';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../problems.ts';

/** A password takes tens of milliseconds of a core, so nobody gets more than a fraction of those that can be checked. */
const LIMIT = { max: 5, timeWindow: 1000 };
/** Where the machine is so busy that five a second are too many, one address must not fill the queue that all wait in. */
const AT_ONCE = 3;

/**
 * Limits how many passwords one address may have hashed or checked in a second and at once, over all routes that use the hook it
 * returns.
 * The hook runs before the body is read, a password is hashed or the database is asked. Each replica counts for itself. Callers
 * on the own Unix socket are not limited.
 *
 * @returns a hook that throws `too-many-attempts` (429)
 */
export async function limitAttempts(app: App) {
  await app.register(rateLimit, { global: false });
  const count = app.createRateLimit({
    ...LIMIT,
    keyGenerator: (request: FastifyRequest) => attemptSource(request),
    allowList: (_request: FastifyRequest, key: string) => key === OWN_SOCKET,
  });
  const running = new Map<string, number>();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const outcome = await count(request);
    if (outcome.isAllowed) return;
    const before = running.get(outcome.key) ?? 0;
    if (outcome.isExceeded || before >= AT_ONCE)
      throw problem('too-many-attempts', { retryAfterS: outcome.ttlInSeconds });
    running.set(outcome.key, before + 1);
    reply.raw.once('close', () => {
      const left = (running.get(outcome.key) ?? 0) - 1;
      if (left > 0) running.set(outcome.key, left);
      else running.delete(outcome.key);
    });
  };
}

const OWN_SOCKET = 'own socket';

/** Returns what attempts are counted by: the client's IPv4 address, or its IPv6 network (/64), in which it may choose any. */
export function attemptSource(request: FastifyRequest): string {
  const address = readClientAddress(request);
  return address === undefined ? OWN_SOCKET : normalizeIP(address);
}
