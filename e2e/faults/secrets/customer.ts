import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@meshmart/test-support/eventually';
import { Agent } from 'undici';
import { readHiddenFields } from '../shop-visitor.ts';
import type { MisplacedRequest } from './misplaced.ts';
import type { Needles } from './needles.ts';

export interface Reply {
  status: number;
  body: string;
  cookies: string[];
  location: string;
}

/** Sends a request to the store. Returns undefined if no response came. */
export type Send = (wanted: MisplacedRequest) => Promise<Reply | undefined>;

/** Connects to the gateway. @param onRefusal gets every error response with its headers */
export function createSend(
  port: number,
  onRefusal: (answer: string) => void,
): { send: Send; close(): Promise<void> } {
  const dispatcher = new Agent({ connections: 50 });
  const origin = `http://127.0.0.1:${port}`;
  const send: Send = async ({ isNamed, ...wanted }) => {
    const answer = await dispatcher.request({ origin, ...wanted }).catch(() => undefined);
    if (!answer) return undefined;
    const body = await answer.body.text().catch(() => '');
    if (answer.statusCode >= 400 && !isNamed) {
      onRefusal(
        JSON.stringify([wanted.method, wanted.path.split('?')[0], answer.statusCode, answer.headers, body]),
      );
    }
    const { 'set-cookie': cookies = [], location = '' } = answer.headers;
    return { status: answer.statusCode, body, cookies: [cookies].flat(), location: String(location) };
  };
  return { send, close: () => dispatcher.close() };
}

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** A customer who uses the store correctly, with needles as secrets and personal data. */
export interface Customer {
  authorization: string;
  /** Exchanges the refresh token for a new pair of tokens. */
  refresh(): Promise<void>;
  /** Places an order, repeated with the same key until a response comes. */
  order(productId: string, paymentToken: string): Promise<void>;
  /** Logs in to the shop, orders, and logs out. @throws when the order takes more than a minute */
  visitShop(productId: string): Promise<void>;
  delete(): Promise<void>;
}

export async function createCustomer(send: Send, needles: Needles): Promise<Customer> {
  const { email, name, street } = needles.makePerson();
  const password = needles.makePassword();
  let tokens = { accessToken: '', refreshToken: '' };
  const customer = { authorization: '' };

  const call = (method: MisplacedRequest['method'], path: string, body?: object) =>
    send({
      method,
      path,
      headers: { authorization: customer.authorization, ...(body ? json : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const until = (statuses: number[], ask: () => Promise<Reply | undefined>) =>
    eventually(async () => {
      const reply = await ask();
      if (reply && statuses.includes(reply.status)) return reply;
      await sleep(500);
      return undefined;
    }, 60_000);
  const take = ({ body }: Reply) => {
    tokens = JSON.parse(body);
    needles.note('refresh token', tokens.refreshToken);
    customer.authorization = `Bearer ${needles.noteToken(tokens.accessToken)}`;
  };

  // 409: the response to the first attempt was lost.
  await until([201, 409], () => call('POST', '/users', { email, password, name }));
  await call('POST', '/users', { email, password, name });
  await call('POST', '/sessions', { email, password: needles.makePassword('wrong password') });
  const logIn = async () => take(await until([201], () => call('POST', '/sessions', { email, password })));
  await logIn();
  const address = { recipient: name, lines: [street], city: 'London', country: 'GB' };
  await until([200, 201], () => call('PUT', `/users/me/addresses/${randomUUID()}`, address));
  await until([200], () => call('PATCH', '/users/me', { name }));

  return Object.assign(customer, {
    async refresh() {
      const { refreshToken } = tokens;
      // 401: lost responses made the client repeat the request so late that its session ended.
      const reply = await until([200, 401], () => call('POST', '/sessions/refresh', { refreshToken }));
      if (reply.status === 200) take(reply);
      else await logIn();
    },

    async order(productId: string, paymentToken: string) {
      const headers = { ...json, 'idempotency-key': randomUUID() };
      const body = JSON.stringify({ items: [{ productId, quantity: 1 }], paymentToken });
      await until([201, 202], () =>
        send({
          method: 'POST',
          path: '/orders',
          headers: { ...headers, authorization: customer.authorization },
          body,
        }),
      );
    },

    async visitShop(productId: string) {
      const cookies = new Map<string, string>();
      const visit = async (path: string, fields?: Record<string, string>) => {
        const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ');
        const reply = await send({
          method: fields ? 'POST' : 'GET',
          path: `/shop${path}`,
          headers: { ...(cookie ? { cookie } : {}), ...(fields ? form : {}) },
          ...(fields ? { body: new URLSearchParams(fields).toString() } : {}),
        });
        for (const text of reply?.cookies ?? []) {
          const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
          cookies.set(key, value);
        }
        return reply;
      };
      await visit('/login', { email, password: needles.makePassword('wrong password') });
      await until([303], async () => visit('/login', { email, password }));
      needles.noteToken(cookies.get('meshmart_session') as string);
      needles.note('refresh token', decodeURIComponent(cookies.get('meshmart_refresh') as string));
      await until([303], () => visit('/basket/add', { productId, quantity: '1' }));
      const isOrdered = (reply?: Reply) => reply?.location.startsWith('/shop/orders/');
      await eventually(async () => {
        const page = await visit('/checkout'); // of an order whose response was lost, it leads to the order
        if (isOrdered(page)) return true;
        const fields = readHiddenFields(page?.body ?? '');
        return isOrdered(await visit('/checkout', { ...fields, paymentToken: 'tok_approved' }));
      }, 60_000);
      await visit('/orders');
      await visit('/logout', {});
    },

    async delete() {
      await call('DELETE', '/users/me', { password: needles.makePassword('wrong password') });
      await until([204, 404], () => call('DELETE', '/users/me', { password }));
    },
  });
}
