import { ACCESS_TOKEN_LIFETIME_S, TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

/** Signs an ES256 access token with the user's id, role and session (`sid`). */
export function signAccessToken(keys: SigningKeys, user: { id: string; role: string }, sid?: string) {
  const { privateKey, keyId } = keys.signing();
  return new SignJWT({ role: user.role, sid })
    .setProtectedHeader({ alg: 'ES256', kid: keyId, typ: 'at+jwt' })
    .setSubject(user.id)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${ACCESS_TOKEN_LIFETIME_S} s`)
    .sign(privateKey);
}
