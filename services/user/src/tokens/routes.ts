import type { App } from '@meshmart/service/app';
import { Type } from 'typebox';
import { problem } from '../problems.ts';
import { verifyPassword } from '../users/password.ts';
import { findUserByEmail } from '../users/repository.ts';
import { Email } from '../users/schemas.ts';
import { ACCESS_TOKEN_LIFETIME_S, signAccessToken } from './access-token.ts';
import type { SigningKeys } from './signing-keys.ts';

const config = { access: 'anonymous' as const };

const SessionRequest = Type.Object(
  { email: Email, password: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
);

const SessionSchema = Type.Object({
  accessToken: Type.String({ description: 'A JWT for the Authorization header.' }),
  tokenType: Type.Literal('Bearer'),
  expiresInS: Type.Integer(),
});

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

export async function tokenRoutes(app: App, { signingKeys }: { signingKeys: SigningKeys }) {
  app.post(
    '/sessions',
    { config, schema: { operationId: 'logIn', body: SessionRequest, response: { 201: SessionSchema } } },
    async ({ body: { email, password } }, reply) => {
      const user = await findUserByEmail(app.database, email);
      // An unknown user costs the same time and gets the same answer as a wrong password.
      const isRight = await verifyPassword(user?.passwordHash, password);
      if (!user || !isRight) throw problem('wrong-credentials');
      const accessToken = await signAccessToken(signingKeys, user);
      return reply.code(201).send({ accessToken, tokenType: 'Bearer', expiresInS: ACCESS_TOKEN_LIFETIME_S });
    },
  );

  app.get(
    '/.well-known/jwks.json',
    { config, schema: { operationId: 'getKeys', response: { 200: KeySet } } },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send({ keys: signingKeys.publicKeys }),
  );
}
