import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { callStore } from './call-store.ts';

const TIMEOUT_MS = 60_000;
const RETRY_DELAY_MS = 500;

/**
 * Somebody registers, buys something through the gateway and leaves. It takes all services, their databases and, since nothing is
 * allowed without an identity, mutual TLS between all of them.
 *
 * @param gatewayUrl as in `http://127.0.0.1:9080`
 * @throws UserError with what was answered last
 */
export async function buySomething(gatewayUrl: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    try {
      return await buy(gatewayUrl);
    } catch (error) {
      throwIfInterrupted(signal);
      if (Date.now() > deadline) {
        throw new UserError(`Nobody can buy anything at ${gatewayUrl}: ${(error as Error).message}`);
      }
      await sleep(RETRY_DELAY_MS); // the proxies learn of each other one by one
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
  const wish = { items: [{ productId: items[0].id, quantity: 1 }], paymentToken: 'tok_approved' };
  const order = await post('/orders', wish, { authorization, 'idempotency-key': `"${randomUUID()}"` });
  if (order.status !== 'confirmed') throw new Error(`the order is ${order.status}`);
  const { password } = login;
  await callStore(`${gatewayUrl}/users/me`, {
    method: 'DELETE',
    body: { password },
    headers: { authorization },
  });
}
