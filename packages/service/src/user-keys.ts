import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { Request } from 'undici';
import { withoutCaller } from './deadline.ts';
import type { PeerFetch } from './peers.ts';

export interface KeyCacheTimes {
  /** How long keys are used before they are fetched anew, which no request waits for. */
  freshMs: number;
  /** When a request does wait for new keys, unless they were just asked for in vain: so long a retired key may still be accepted. */
  staleMs: number;
  /** How soon after a fetch an unknown key is a reason for another one; a new key must be published longer before it signs. */
  cooldownMs: number;
  /** How long the keys that are known go on being used while the user service does not answer. */
  outageMs: number;
  /** How soon it is asked again then. */
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
 * The user service's public keys, fetched through the mesh when first needed, every half minute after that in the background, and
 * when a token names an unknown key. An outage of the user service is no reason to refuse its tokens: the known keys do for ten
 * minutes, and requests wait for it only when there are none.
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
    // Many requests may wait for one fetch, which therefore must not end with the caller of one of them.
    const response = await withoutCaller(() => peerFetch(new Request(url) as unknown as globalThis.Request));
    if (!response.ok) throw new Error(`the user service answered ${response.status} when asked for its keys`);
    find = createLocalJWKSet((await response.json()) as JSONWebKeySet); // which imports each key once
    fetchedAt = Date.now();
  };
  /** Shares one fetch among all who want it. */
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
