import { createPeer, type PeerFetch, readProblemName } from '@meshmart/service/peers';
import type { paths } from '@meshmart/user/openapi';
import { expectBody } from './expect-body.ts';

export type Profile = paths['/users/me']['get']['responses'][200]['content']['application/json'];
export type OwnSession =
  paths['/users/me/sessions']['get']['responses'][200]['content']['application/json']['items'][number];
export type PasswordChange = paths['/users/me/password']['put']['requestBody']['content']['application/json'];

export type AccountPeer = ReturnType<typeof createAccountPeer>;

/** Creates the client for the visitor's account. Each call sends the visitor's access token. */
export function createAccountPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const authorize = (accessToken: string) => ({ authorization: `Bearer ${accessToken}` });

  return {
    async read(accessToken: string): Promise<{ profile: Profile; sessions: OwnSession[] }> {
      const headers = authorize(accessToken);
      const profile = expectBody(await client.GET('/users/me', { headers }));
      const sessions = expectBody(await client.GET('/users/me/sessions', { headers })).items;
      return { profile, sessions };
    },

    /**
     * @param from the visitor's address, for the limit of attempts
     * @returns `changed`, `wrong-password`, or the errors by field
     */
    async changePassword(accessToken: string, body: PasswordChange, from: string | undefined) {
      const headers = { ...authorize(accessToken), ...(from && { 'x-forwarded-for': from }) };
      const result = await client.PUT('/users/me/password', { body, headers });
      if (result.response.status === 400) return result.error?.errors ?? [];
      if (readProblemName(result) === 'wrong-password') return 'wrong-password';
      expectBody(result);
      return 'changed';
    },

    async endSession(accessToken: string, sessionId: string): Promise<void> {
      const headers = authorize(accessToken);
      expectBody(
        await client.DELETE('/users/me/sessions/{sessionId}', { params: { path: { sessionId } }, headers }),
      );
    },

    async endSessions(accessToken: string): Promise<void> {
      expectBody(await client.DELETE('/users/me/sessions', { headers: authorize(accessToken) }));
    },
  };
}
