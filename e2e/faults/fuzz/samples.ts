import { ensureSecrets } from '@meshmart/local-platform/secrets';
import { newId } from '@meshmart/service/ids';
import { decodeJwt } from 'jose';
import { type Call, openInstances } from '../../authorization/calls.ts';
import type { RunningStore } from '../../running-store.ts';
import { tokensOf } from '../tokens.ts';

/** Existing objects of the store, so that requests can refer to them. */
export interface Samples {
  tokens: { customer: string; admin: string };
  /** A value for each name of a parameter, a member of a body or a field of a form. */
  values: Record<string, unknown>;
}

/** Creates a customer with an order, a payment, an address and a session, by calls to the instances themselves. */
export async function makeSamples(store: RunningStore): Promise<Samples> {
  const { must, close } = await openInstances(store);
  const call = (service: string, method: string, path: string, init: Pick<Call, 'headers' | 'body'> = {}) =>
    must(service, { method, path, ...init });

  const makeToken = await tokensOf(store);
  const login = { email: `${newId()}@meshmart.example`, password: newId() };
  const user = await call('user', 'POST', '/users', { body: { ...login, name: 'Fuzz' } });
  const admin = await call('user', 'POST', '/sessions', { body: ensureSecrets(store.layout.secrets).admin });
  const session = await call('user', 'POST', '/sessions', { body: login });
  const tokens = {
    customer: await makeToken(user.id),
    admin: await makeToken(decodeJwt(admin.accessToken).sub as string, 'admin'),
  };
  const headers = { authorization: `Bearer ${tokens.customer}`, 'idempotency-key': newId() };
  const address = { recipient: 'Fuzz', lines: ['1 Street'], postalCode: '1', city: 'London', country: 'GB' };
  const addressId = newId();
  await call('user', 'PUT', `/users/me/addresses/${addressId}`, { headers, body: address });
  const products = await call('product', 'GET', '/products?limit=1&q=mug');
  const productId: string = products.items[0].id;
  const paid = { paymentToken: 'tok_approved' };
  const items = [{ productId, quantity: 2 }];
  const order = await call('order', 'POST', '/orders', { headers, body: { items, ...paid } });
  const charge = { orderId: order.id, userId: user.id, amountMinor: 100, currency: 'EUR' };
  const payment = await call('payment', 'POST', '/payments', { headers, body: { ...charge, ...paid } });
  await close();
  return {
    tokens,
    values: {
      ...{ ...charge, ...paid, ...address, addressId, productId, items, paymentId: payment.id },
      // Not the customer's password, because a correct one would let a request delete the account.
      ...{
        email: login.email,
        password: 'a wrong password',
        name: 'Fuzz',
        refreshToken: session.refreshToken,
      },
      ...{ slug: 'fuzz', description: 'Good.', category: 'kitchen', priceMinor: 2_147_483_647 },
      ...{ stock: 1, stockDelta: 1, variant: 0 },
      ...{ limit: 10, q: 'mug', cursor: Buffer.from(JSON.stringify([order.id])).toString('base64url') },
      ...{
        next: '/shop/',
        added: 1,
        full: 1,
        quantity: 1,
        basket: JSON.stringify(items),
        lines: JSON.stringify(items),
        idempotencyKey: newId(),
        expectedTotalMinor: '100',
      },
    },
  };
}
