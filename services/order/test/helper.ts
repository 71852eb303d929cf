import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import type { App } from '@meshmart/service/app';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { createPeerFetch } from '@meshmart/service/peers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { inject, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { createPaymentPeer } from '../src/peers/payment.ts';
import { createProductPeer } from '../src/peers/product.ts';
import { startFakePeers } from './fake-peers.ts';

export const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

/** The service on an empty database of its own with fake peers, and a customer to order as. */
export async function startApp(
  env: Record<string, string> = {},
  adminUrl: string = inject('databaseAdminUrl'),
) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const peers = await startFakePeers([
    { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' },
  ]);
  const urls = { PRODUCT_URL: peers.url, PAYMENT_URL: peers.url, USER_URL: peers.url };
  const DATABASE_URL = await createTestDatabase(adminUrl, prismaDirectory);
  const startReplica = async () => {
    const replica = await buildApp(
      loadConfig({ DATABASE_URL, LOG_LEVEL: 'silent', ...patientConfig, ...urls, ...env }),
    );
    onTestFinished(() => replica.close());
    return replica;
  };
  const logIn = async (userId = newId(), role = 'customer') => {
    const jwt = new SignJWT({ role })
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
      .setSubject(userId);
    const token = await jwt
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setExpirationTime('1 h')
      .sign(privateKey);
    return { authorization: `Bearer ${token}` };
  };
  return { app: await startReplica(), databaseUrl: DATABASE_URL, startReplica, peers, logIn };
}

export const newOrder = (quantity = 2, paymentToken = 'tok_approved') => ({
  items: [{ productId: newId(), quantity }],
  paymentToken,
});

export function post(app: App, headers: Record<string, string>, body: object) {
  return app.inject({ method: 'POST', url: '/orders', headers, body });
}

/** The clients of a worker that finds an order in the database. */
export function clientsOf({ url }: { url: string }) {
  const peerFetch = createPeerFetch({});
  return { product: createProductPeer(url, peerFetch), payment: createPaymentPeer(url, peerFetch) };
}
