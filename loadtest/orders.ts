import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { Counter } from 'k6/metrics';
// k6 resolves no package names, only paths.
import type { ClientEvent, OrderAnswer } from '../packages/consistency-checker/src/client-log.ts';
import { authorizationOf, type Customer, insist } from './customers.ts';
import { gatewayUrl } from './targets.ts';

/**
 * A client retries for so many seconds. The store resumes the orders of a dead instance after 10 and 20 s; a busy machine needs
 * several times as long to restart it.
 */
export const patienceS = 240;

export const requestsRefused = new Counter('requests_refused');

/** What is in the catalogue, for a script's `setup`. @returns at most 100 ids */
export function listProducts(): string[] {
  const url = `${gatewayUrl}/products?limit=100`;
  return insist<{ items: { id: string }[] }>(() => http.get(url)).items.map(({ id }) => id);
}

export interface Wish {
  items: { productId: string; quantity: number }[];
  paymentToken: string;
}

/** How often a client looks whether its order has ended. */
const lookEveryS = 2;

/** An order with its own idempotency key, which `place` sends as often as it takes. All of it is in the client log. */
export function orderOf(customer: Customer, key: string, wish: Wish) {
  log({ event: 'place', key, userId: customer.id, ...wish });
  const params = (headers: Record<string, string> = {}) => ({
    headers: { authorization: authorizationOf(customer), ...headers },
    timeout: '15s',
  });
  return {
    /** @returns undefined when the client has run out of patience, or was refused */
    place(): OrderAnswer | undefined {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `"${key}"` };
      return repeat(key, 'placed', () =>
        http.post(`${gatewayUrl}/orders`, JSON.stringify(wish), params(headers)),
      );
    },
    cancel(orderId: string): OrderAnswer | undefined {
      log({ event: 'cancel', key });
      const url = `${gatewayUrl}/orders/${orderId}/cancel`;
      return repeat(key, 'cancelled', () => http.post(url, null, params()));
    },
    /** Looks at the order until it has ended, or the client is out of patience. */
    follow({ id, status }: OrderAnswer): void {
      const url = `${gatewayUrl}/orders/${id}`;
      const deadline = Date.now() + patienceS * 1000;
      let seen: OrderAnswer['status'] | undefined = status;
      while (seen === 'pending' && Date.now() < deadline) {
        sleep(lookEveryS);
        seen = repeat(key, 'read', () => http.get(url, params()))?.status;
      }
    },
  };
}

/** An honest client: on 5xx, 409, 429 or no answer at all it sends the same again, later each time, until it is out of patience. */
function repeat(
  key: string,
  event: 'placed' | 'read' | 'cancelled',
  send: () => RefinedResponse<'text'>,
): OrderAnswer | undefined {
  const deadline = Date.now() + patienceS * 1000;
  for (let pauseS = 0.1; Date.now() < deadline; pauseS = Math.min(pauseS * 2, 2)) {
    const { status, body } = send();
    const isAnswered = status >= 200 && status < 300;
    const answer = isAnswered ? (JSON.parse(String(body)) as OrderAnswer) : undefined;
    log({ event, key, status, ...(answer && { answer }) });
    if (answer) return answer;
    if (![0, 409, 429].includes(status) && status < 500) {
      requestsRefused.add(1);
      return undefined;
    }
    sleep(pauseS);
  }
  return undefined;
}

/** Writes down what a client sends or is told. */
export function log(event: ClientEvent): void {
  console.log(JSON.stringify(event));
}
