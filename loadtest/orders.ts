import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { Counter } from 'k6/metrics';
// k6 resolves no package names, only paths.
import type { ClientEvent, OrderResponse } from '../packages/consistency-checker/src/client-log.ts';
import { gatewayUrl } from './addresses.ts';
import { authorizationOf, type Customer, retryUntil } from './customers.ts';

/**
 * Time for which a client retries. The store resumes the orders of a dead instance after 10 and 20 s, and a busy
 * machine needs several times as long to restart the instance.
 */
export const patienceS = 240;

export const requestsRefused = new Counter('requests_refused');

/** Lists the catalogue. Call it in a script's `setup`. @returns at most 100 product ids */
export function listProducts(): string[] {
  const url = `${gatewayUrl}/products?limit=100`;
  return retryUntil<{ items: { id: string }[] }>(() => http.get(url)).items.map(({ id }) => id);
}

export interface OrderRequest {
  items: { productId: string; quantity: number }[];
  paymentToken: string;
}

/** Time between two reads of an order. */
const readEveryS = 2;

/** Returns a client for one order with its own idempotency key, which retries and logs everything. */
export function openOrder(customer: Customer, key: string, request: OrderRequest) {
  log({ event: 'place', key, userId: customer.id, ...request });
  const params = (headers: Record<string, string> = {}) => ({
    headers: { authorization: authorizationOf(customer), ...headers },
    timeout: '15s',
  });
  return {
    /** @returns undefined when the client ran out of patience or was refused */
    place(): OrderResponse | undefined {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `"${key}"` };
      return repeat(key, 'placed', () =>
        http.post(`${gatewayUrl}/orders`, JSON.stringify(request), params(headers)),
      );
    },
    cancel(orderId: string): OrderResponse | undefined {
      log({ event: 'cancel', key });
      const url = `${gatewayUrl}/orders/${orderId}/cancel`;
      return repeat(key, 'cancelled', () => http.post(url, null, params()));
    },
    /** Reads the order until it is no longer pending, or the client runs out of patience. */
    follow({ id, status }: OrderResponse): void {
      const url = `${gatewayUrl}/orders/${id}`;
      const deadline = Date.now() + patienceS * 1000;
      let seen: OrderResponse['status'] | undefined = status;
      while (seen === 'pending' && Date.now() < deadline) {
        sleep(readEveryS);
        seen = repeat(key, 'read', () => http.get(url, params()))?.status;
      }
    },
  };
}

/** Retries after 5xx, 409, 429 or a lost response, with growing pauses, for `patienceS` seconds. */
function repeat(
  key: string,
  event: 'placed' | 'read' | 'cancelled',
  send: () => RefinedResponse<'text'>,
): OrderResponse | undefined {
  const deadline = Date.now() + patienceS * 1000;
  for (let pauseS = 0.1; Date.now() < deadline; pauseS = Math.min(pauseS * 2, 2)) {
    const { status, body } = send();
    const isSuccess = status >= 200 && status < 300;
    const response = isSuccess ? (JSON.parse(String(body)) as OrderResponse) : undefined;
    log({ event, key, status, ...(response && { response }) });
    if (response) return response;
    if (![0, 409, 429].includes(status) && status < 500) {
      requestsRefused.add(1);
      return undefined;
    }
    sleep(pauseS);
  }
  return undefined;
}

/** Logs what a client sends or receives, when the runner has asked for a client log. */
export function log(event: ClientEvent): void {
  if (__ENV.CLIENT_LOG) console.log(JSON.stringify(event));
}
