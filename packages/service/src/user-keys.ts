import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type ExportedJWKSCache,
  errors,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose';
import { Request } from 'undici';
import { withoutCaller } from './deadline.ts';
import { DEADLINE_MS, type PeerFetch } from './peers.ts';

export interface KeyCacheTimes {
  /** How long keys are used before they are fetched anew: so long a retired key may still be accepted. */
  freshMs: number;
  /** How soon after a fetch an unknown key is a reason for another one; a new key must be published longer before it signs. */
  cooldownMs: number;
  /** How long the keys that are known go on being used while the user service does not answer. */
  outageMs: number;
  /** How soon it is asked again then. */
  retryMs: number;
}

const usualTimes: KeyCacheTimes = { freshMs: 60_000, cooldownMs: 30_000, outageMs: 600_000, retryMs: 5000 };

/**
 * The user service's public keys, fetched through the mesh when first needed, every minute after that, and when a token names an
 * unknown key. An outage of the user service is no reason to refuse its tokens: the known keys do for ten minutes.
 */
export function createUserKeys(
  userUrl: string,
  peerFetch: PeerFetch,
  times: KeyCacheTimes = usualTimes,
): JWTVerifyGetKey {
  const cache: JWKSCacheInput & Partial<ExportedJWKSCache> = {};
  const remote = createRemoteJWKSet(new URL('/.well-known/jwks.json', userUrl), {
    timeoutDuration: DEADLINE_MS,
    cacheMaxAge: times.freshMs,
    cooldownDuration: times.cooldownMs,
    [jwksCache]: cache,
    // Many requests may wait for one fetch, which therefore must not end with the caller of one of them.
    [customFetch]: (href) =>
      withoutCaller(() => peerFetch(new Request(href) as unknown as globalThis.Request)),
  });
  let retryAt = 0;
  const known = () =>
    cache.jwks && cache.uat && Date.now() < cache.uat + times.outageMs
      ? createLocalJWKSet(cache.jwks)
      : undefined;

  return async (header, token) => {
    const inOutage = !remote.fresh && Date.now() < retryAt ? known() : undefined;
    if (inOutage) return inOutage(header, token);
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      const keys = known();
      if (!keys) throw error;
      retryAt = Date.now() + times.retryMs;
      return keys(header, token);
    }
  };
}
