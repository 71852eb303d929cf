import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { newId } from '@meshmart/service/ids';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

/** Starts a fake user service that publishes its keys, and signs tokens with them. */
export async function startFakeUser() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }];
  const server = createServer((request, response) => {
    const isKnown = request.url === '/.well-known/jwks.json';
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { keys } : {}));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());

  const logInAs = async (role: string) => {
    const jwt = new SignJWT({ role })
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
      .setSubject(newId());
    const issued = jwt.setIssuer(TOKEN_ISSUER).setAudience(TOKEN_AUDIENCE).setExpirationTime('1 h');
    return { authorization: `Bearer ${await issued.sign(privateKey)}` };
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, logInAs };
}
