import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { readKeysFile } from '@meshmart/user/keys-file';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { RunningStore } from '../running-store.ts';

/** Creates a signer of access tokens like the user service's, so that a thousand customers need not register. */
export async function createTokens(
  signingKey: JWK,
): Promise<(userId: string, role?: string) => Promise<string>> {
  const key = await importJWK(signingKey, 'ES256');
  return (userId, role = 'customer') =>
    new SignJWT({ role })
      .setProtectedHeader({ alg: 'ES256', kid: String(signingKey.kid), typ: 'at+jwt' })
      .setSubject(userId)
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('4 h')
      .sign(key);
}

/** Creates a signer with the key of a running store. */
export function tokensOf({ layout }: RunningStore): ReturnType<typeof createTokens> {
  const [key] = readKeysFile(signingKeysFileIn(layout.secrets));
  return createTokens({ ...key });
}
