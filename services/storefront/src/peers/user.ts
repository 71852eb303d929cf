import { createPeer, type PeerFetch } from '@meshmart/service/peers';
import type { paths } from '@meshmart/user/openapi';
import { expectData } from './answer.ts';

export type NewUser = paths['/users']['post']['requestBody']['content']['application/json'];
export type Credentials = paths['/sessions']['post']['requestBody']['content']['application/json'];

export type UserPeer = ReturnType<typeof createUserPeer>;

/** Accounts and sessions. */
export function createUserPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);

  return {
    /** @returns `registered`, `email-taken`, or what is wrong with the given fields, by field */
    async register(user: NewUser) {
      const answer = await client.POST('/users', { body: user });
      if (answer.response.status === 409) return 'email-taken';
      if (answer.response.status === 400) return answer.error?.errors ?? [];
      expectData(answer);
      return 'registered';
    },

    /** An access token, or null when email and password do not belong together. */
    async logIn(credentials: Credentials) {
      const answer = await client.POST('/sessions', { body: credentials });
      return answer.response.status === 401 ? null : expectData(answer);
    },
  };
}
