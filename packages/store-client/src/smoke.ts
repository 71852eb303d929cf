import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { callStore } from './call-store.ts';

const RETRY_DELAY_MS = 500;

/**
 * Registers a user, buys a product through the gateway and deletes the user. This needs all services, their
 * databases and mutual TLS between them, because the mesh allows no call without an identity.
 *
 * @param gatewayUrl as in `http://127.0.0.1:9080`
 * @param patienceMs time in which it retries; the name of a cloud's load balancer resolves after minutes
 * @throws UserError with the last failure
 */
export async function buySomething(
  gatewayUrl: string,
  signal: AbortSignal,
  patienceMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await buy(gatewayUrl);
    } catch (error) {
      throwIfInterrupted(signal);
      if (Date.now() > deadline) {
        throw new UserError(`No order succeeds at ${gatewayUrl}: ${(error as Error).message}`);
      }
      await sleep(RETRY_DELAY_MS); // the proxies learn about each other one by one
    }
  }
}

async function buy(gatewayUrl: string): Promise<void> {
  const login = { email: `${randomUUID()}@meshmart.example`, password: randomUUID() };
  const post = (path: string, body: object, headers = {}) =>
    callStore(`${gatewayUrl}${path}`, { method: 'POST', body, headers });
  await post('/users', { ...login, name: 'Smoke test' });
  const authorization = `Bearer ${(await post('/sessions', login)).accessToken}`;
  const { items } = await callStore(`${gatewayUrl}/products?limit=1`);
  const request = { items: [{ productId: items[0].id, quantity: 1 }], paymentToken: 'tok_approved' };
  const order = await post('/orders', request, { authorization, 'idempotency-key': `"${randomUUID()}"` });
  if (order.status !== 'confirmed') throw new Error(`the order is ${order.status}`);
  const { password } = login;
  await callStore(`${gatewayUrl}/users/me`, {
    method: 'DELETE',
    body: { password },
    headers: { authorization },
  });
}
