import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOrder, OrderResponse } from '@meshmart/consistency-checker/client-log';

const answerTimeoutMs = 60_000;
const repeatEveryMs = 500;
/** Maximum time until an order ends after the last failure. */
export const endTimeoutMs = 60_000;

interface ShopperOptions extends Pick<ClientOrder, 'key' | 'userId' | 'paymentToken' | 'items'> {
  /** URL of the gateway, or of the order service itself. */
  baseUrl: string;
  token: string;
}

/** An HTTP response. `status` is 0 if none came. */
export interface Answer {
  status: number;
  body?: OrderResponse & { type?: string };
  /** A proxy's message, or the reason why no response came. */
  text?: string;
}

type Headers = Record<string, string>;

/** A customer with one order, who records every response. */
export interface Shopper {
  log: ClientOrder;
  /** Places the order, always with the same key; optionally on another replica. */
  place(headers?: Headers, to?: string): Promise<Answer>;
  cancel(headers?: Headers): Promise<Answer>;
  /** Reads the order. After a lost response, it is the customer's newest order. */
  find(): Promise<OrderResponse | undefined>;
  /** Resolves with the order in its final state: cancelled if that was requested. @throws after `timeoutMs` */
  waitForEnd(timeoutMs?: number): Promise<OrderResponse>;
}

export function createShopper({ baseUrl, token, ...request }: ShopperOptions): Shopper {
  const { key, items, paymentToken } = request;
  const log: ClientOrder = { ...request, responses: [], wantsCancel: false, cancelResponses: [] };
  const json = { 'content-type': 'application/json' };

  async function send(
    method: string,
    path: string,
    { to = baseUrl, ...init }: { headers?: Headers; body?: string; to?: string | undefined } = {},
  ): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const signal = AbortSignal.timeout(answerTimeoutMs);
    try {
      const response = await fetch(to + path, { ...init, method, headers, signal });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, ...(isJson ? { body: JSON.parse(text) } : { text }) };
    } catch (error) {
      return { status: 0, text: String((error as Error).cause ?? error) };
    }
  }

  async function find(): Promise<OrderResponse | undefined> {
    const known = log.responses[0];
    const { status, body } = await send('GET', known ? `/orders/${known.id}` : '/orders');
    if (status !== 200) return undefined;
    return known ? body : (body as unknown as { items: OrderResponse[] }).items[0];
  }

  return {
    log,
    find,
    async place(headers = {}, to) {
      const body = JSON.stringify({ items, paymentToken });
      const answer = await send('POST', '/orders', {
        headers: { ...json, ...headers, 'idempotency-key': key },
        body,
        to,
      });
      if ([201, 202].includes(answer.status) && answer.body) log.responses.push(answer.body);
      return answer;
    },
    async cancel(headers = {}) {
      const order = log.responses[0] ?? (await find());
      if (!order) return { status: 0 };
      log.wantsCancel = true;
      const answer = await send('POST', `/orders/${order.id}/cancel`, { headers });
      if (answer.status === 200 && answer.body?.status === 'cancelled') log.cancelResponses.push(answer.body);
      return answer;
    },
    waitForEnd: (timeoutMs) =>
      until(async () => {
        const order = await find();
        const isEnd = log.wantsCancel ? order?.status === 'cancelled' : order && order.status !== 'pending';
        return isEnd ? order : undefined;
      }, timeoutMs),
  };
}

/** Repeats a request until it succeeds. @throws after `timeoutMs` */
export function untilAnswered(send: () => Promise<Answer>, timeoutMs?: number): Promise<Answer> {
  return until(async () => {
    const answer = await send();
    return answer.status >= 200 && answer.status < 300 ? answer : undefined;
  }, timeoutMs);
}

async function until<T>(ask: () => Promise<T | undefined>, timeoutMs = endTimeoutMs): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms`);
    await sleep(repeatEveryMs);
  }
}
