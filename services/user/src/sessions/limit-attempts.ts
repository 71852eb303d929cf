import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { App } from '@meshmart/service/app';
import { readClientAddress } from '@meshmart/service/client-address';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../problems.ts';

/** Per address and second. A password takes tens of milliseconds of a core, so one address gets only a fraction. */
const LIMIT = { max: 5, timeWindow: 1000 };
/** Per address at once, so that on a busy machine one address cannot fill the queue. */
const AT_ONCE = 3;

/**
 * Limits the password attempts of an address, per second and at once, over all routes that use the returned hook. The
 * hook runs before the body is read. Each replica counts separately. Callers on the instance's own Unix socket are not
 * limited.
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

/**
 * Returns the source that attempts are counted by: an IPv4 address, or an IPv6 network (/64), since a client owns it
 * all.
 */
export function attemptSource(request: FastifyRequest): string {
  const address = readClientAddress(request);
  return address === undefined ? OWN_SOCKET : normalizeIP(address);
}
