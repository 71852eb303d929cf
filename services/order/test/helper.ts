import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { createPeerFetch } from '@meshmart/service/peers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { inject, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { runSaga } from '../src/orders/saga.ts';
import { createPaymentPeer } from '../src/peers/payment.ts';
import { createProductPeer } from '../src/peers/product.ts';
import { startFakePeers } from './fake-peers.ts';

const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

export type Customer = { authorization: string };

/** Starts the service on an empty database of its own, with fake peers. */
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
  const logIn = async (userId = newId(), role = 'customer'): Promise<Customer> => {
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
  const app = await startReplica();
  const peerFetch = createPeerFetch({});
  const clients = {
    product: createProductPeer(peers.url, peerFetch),
    payment: createPaymentPeer(peers.url, peerFetch),
  };
  const worker = { database: app.database, peers: clients, log: app.log };
  const placeOrder = async (
    customer: Customer,
    order: object = newOrder(),
    { key = 'k', replica = app } = {},
  ) => {
    const headers = { ...customer, 'idempotency-key': key };
    return replica.inject({ method: 'POST', url: '/orders', headers, body: order });
  };
  return {
    app,
    databaseUrl: DATABASE_URL,
    startReplica,
    peers,
    logIn,
    placeOrder,
    cancelOrder: async (customer: Customer, id: string) =>
      app.inject({ method: 'POST', url: `/orders/${id}/cancel`, headers: customer }),
    /** Places an order that stays pending, since its peer fails at this call. The peer works again afterwards. */
    abandonOrder: async (call: string, customer?: Customer): Promise<string> => {
      peers.break(call);
      const { id } = (await placeOrder(customer ?? (await logIn()), newOrder(), { key: newId() })).json();
      peers.mend();
      return id;
    },
    readOrder: (id: string) => app.database.order.findUniqueOrThrow({ where: { id } }),
    worker,
    /** Runs the order's saga as another replica would. */
    work: (id: string) => runSaga(worker, id),
  };
}

export const newOrder = (quantity = 2, paymentToken = 'tok_approved') => ({
  items: [{ productId: newId(), quantity }],
  paymentToken,
});
