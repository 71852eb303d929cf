import type { App } from '@meshmart/service/app';
import { addBackgroundJob } from '@meshmart/service/background-job';
import { Type } from 'typebox';
import type { SigningKeys } from './signing-keys.ts';

const RELOAD_EVERY_MS = 1000;

const KeySet = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.String(),
      crv: Type.String(),
      x: Type.String(),
      y: Type.String(),
      alg: Type.String(),
      use: Type.String(),
      kid: Type.String(),
    }),
  ),
});

/** Registers the route of the public keys, and the background job that reads the keys file every second. */
export async function tokenRoutes(app: App, { signingKeys }: { signingKeys: SigningKeys }) {
  app.get(
    '/.well-known/jwks.json',
    {
      config: { access: 'anonymous' },
      schema: {
        operationId: 'getKeys',
        summary: 'Read the keys that access tokens are verified with',
        response: { 200: KeySet },
      },
    },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=60').send({ keys: signingKeys.published() }),
  );

  const reloading = { name: 'reading the signing keys', everyMs: RELOAD_EVERY_MS };
  addBackgroundJob(app, reloading, signingKeys.reload);
}
