import { createPeer, type PeerFetch } from '@meshmart/service/peers';
import type { paths } from '@meshmart/user/openapi';
import { expectBody } from './expect-body.ts';

type NewUser = paths['/users']['post']['requestBody']['content']['application/json'];
export type Credentials = paths['/sessions']['post']['requestBody']['content']['application/json'];

export type Session = paths['/sessions']['post']['responses'][201]['content']['application/json'];

export type UserPeer = ReturnType<typeof createUserPeer>;

/** Creates the client for accounts and sessions. `from` is the visitor's address, for the limit of attempts. */
export function createUserPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const visitor = (from: string | undefined) => ({ headers: from ? { 'x-forwarded-for': from } : {} });

  return {
    /** @returns `registered`, `email-taken`, or the errors by field */
    async register(user: NewUser, from: string | undefined) {
      const result = await client.POST('/users', { body: user, ...visitor(from) });
      if (result.response.status === 409) return 'email-taken';
      if (result.response.status === 400) return result.error?.errors ?? [];
      expectBody(result);
      return 'registered';
    },

    /** Logs in. @returns tokens, or null if the email or the password is wrong */
    async logIn(credentials: Credentials, from: string | undefined) {
      const result = await client.POST('/sessions', { body: credentials, ...visitor(from) });
      // A malformed email (400) has no account either.
      return [400, 401].includes(result.response.status) ? null : expectBody(result);
    },

    /** Exchanges a refresh token. @returns new tokens, or null if the session has ended */
    async refresh(refreshToken: string) {
      const result = await client.POST('/sessions/refresh', { body: { refreshToken } });
      return [400, 401].includes(result.response.status) ? null : expectBody(result);
    },

    async logOut(refreshToken: string) {
      expectBody(await client.POST('/sessions/revoke', { body: { refreshToken } }));
    },
  };
}
