import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { Request } from 'undici';
import { withoutCaller } from './deadline.ts';
import type { PeerFetch } from './peers.ts';

interface KeyCacheTimes {
  /** Age of the keys after which they are fetched again in the background. */
  freshMs: number;
  /** Age after which requests wait for the fetch, unless the last one failed. A retired key is accepted until then. */
  staleMs: number;
  /** Age from which an unknown key triggers a fetch. A new key must be published for longer before it signs. */
  cooldownMs: number;
  /** Maximum age of the keys while the user service is down. */
  outageMs: number;
  /** Pause after a failed fetch. */
  retryMs: number;
}

const usualTimes: KeyCacheTimes = {
  freshMs: 30_000,
  staleMs: 60_000,
  cooldownMs: 30_000,
  outageMs: 600_000,
  retryMs: 5000,
};

/**
 * Creates a cache of the user service's public keys. Fetches them when first needed, every 30 s in the background, and
 * when a token names an unknown key. During an outage of the user service, the known keys are used for 10 minutes.
 */
export function createUserKeys(
  userUrl: string,
  peerFetch: PeerFetch,
  times: KeyCacheTimes = usualTimes,
): JWTVerifyGetKey {
  const url = new URL('/.well-known/jwks.json', userUrl);
  let find: JWTVerifyGetKey = async () => Promise.reject(new errors.JWKSNoMatchingKey());
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  const fetchKeys = async () => {
    // Many requests may share a fetch, so it must not end with the caller of one of them.
    const response = await withoutCaller(() => peerFetch(new Request(url) as unknown as globalThis.Request));
    if (!response.ok)
      throw new Error(`the user service responded with ${response.status} instead of its keys`);
    find = createLocalJWKSet((await response.json()) as JSONWebKeySet); // which imports each key once
    fetchedAt = Date.now();
  };
  /** Shares one fetch among concurrent requests. */
  const refresh = () => {
    fetching ??= fetchKeys()
      .catch((error) => {
        failedAt = Date.now();
        throw error;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const tryRefresh = () => refresh().catch(() => {});

  return async (header, token) => {
    const age = Date.now() - fetchedAt;
    const mayAsk = Date.now() >= failedAt + times.retryMs;
    if (age >= times.outageMs) await refresh();
    else if (age >= times.staleMs && failedAt < fetchedAt) await tryRefresh();
    else if (age >= times.freshMs && mayAsk) void tryRefresh();
    try {
      return await find(header, token);
    } catch (error) {
      const mayBeNew = error instanceof errors.JWKSNoMatchingKey && age >= times.cooldownMs && mayAsk;
      if (!mayBeNew) throw error;
      await tryRefresh();
      return find(header, token);
    }
  };
}
