import { sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { durationS, phase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';
// k6 resolves no package names, only paths.
import type { ClientEvent, OrderAnswer } from '../../packages/cli/src/checker/client-log.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const ordersPerS = 20;
const orders = ordersPerS * durationS;
const customers = 6;
/** Access tokens are good for longer than that. */
const sessionS = 420;
/** How long a client goes on asking. The store takes over what a dead instance was at after 10 and 20 seconds. */
const patienceS = 120;

const ordersAnswered = new Counter('orders_answered');
const ordersUnanswered = new Counter('orders_unanswered');
const requestsRefused = new Counter('requests_refused');

export const options: Options = {
  scenarios: {
    checkout: {
      // As many orders as `ordersPerS` gives in the phase, whatever is killed meanwhile; a busy machine takes longer.
      executor: 'shared-iterations',
      vus: 60,
      iterations: orders,
      maxDuration: `${durationS * 6 + 2 * patienceS}s`,
    },
  },
  setupTimeout: '120s',
  thresholds: {
    orders_answered: [`count==${orders}`],
    orders_unanswered: ['count<1'],
    // A refusal means that a client was told something wrong: all of these requests are right.
    requests_refused: ['count<1'],
  },
};

interface Customer {
  id: string;
  login: { email: string; password: string };
  session: Session;
}

interface Session {
  authorization: string;
  renewAt: number;
}

interface Store {
  run: string;
  customers: Customer[];
  productIds: string[];
}

export function setup(): Store {
  const run = `${phase}-${Date.now()}`;
  const { items } = insist<{ items: { id: string }[] }>(() => http.get(`${gatewayUrl}/products?limit=100`));
  const numbers = Array.from({ length: customers }, (_, number) => number);
  return {
    run,
    customers: numbers.map((n) => register(`${run}-${n}`)),
    productIds: items.map(({ id }) => id),
  };
}

const json = { headers: { 'content-type': 'application/json' } };

function register(name: string): Customer {
  const login = { email: `${name}@meshmart.example`, password: 'correct horse battery' };
  // 409: it was done before, and the answer was lost.
  insist(() => http.post(`${gatewayUrl}/users`, JSON.stringify({ ...login, name }), json), [201, 409]);
  const session = logIn(login);
  const headers = { authorization: session.authorization };
  const { id } = insist<{ id: string }>(() => http.get(`${gatewayUrl}/users/me`, { headers }));
  return { id, login, session };
}

function logIn(login: Customer['login']): Session {
  const { accessToken } = insist<{ accessToken: string }>(() =>
    http.post(`${gatewayUrl}/sessions`, JSON.stringify(login), json),
  );
  return { authorization: `Bearer ${accessToken}`, renewAt: Date.now() + sessionS * 1000 };
}

function insist<T>(send: () => RefinedResponse<'text'>, wanted = [200, 201]): T {
  for (let attempt = 1; ; attempt++) {
    const response = send();
    if (wanted.includes(response.status)) return response.json() as T;
    if (attempt === 60) throw new Error(`${response.url} answers ${response.status}`);
    sleep(0.5);
  }
}

/** Each user of k6 has its own. */
let session: Session | undefined;

export default function checkout({ run, customers, productIds }: Store) {
  const number = exec.scenario.iterationInTest;
  const customer = customers[exec.vu.idInTest % customers.length] as Customer;
  const key = `${run}-${number}`;
  const wish = { items: chooseItems(number, productIds), paymentToken: chooseToken(number) };
  log({ event: 'place', key, userId: customer.id, ...wish });
  pause(exec.scenario.startTime + (number / ordersPerS) * 1000 - Date.now());
  session ??= customer.session;
  if (Date.now() > session.renewAt) session = logIn(customer.login);
  const { authorization } = session;
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': `"${key}"` };
  const place = () => http.post(`${gatewayUrl}/orders`, JSON.stringify(wish), { headers, timeout: '15s' });

  const order = repeat(key, 'placed', place);
  if (!order) return ordersUnanswered.add(1);
  ordersAnswered.add(1);
  // Whoever is not sure that the answer has arrived asks once more.
  if (number % 10 === 1) repeat(key, 'placed', place);
  if (number % 10 === 2) {
    log({ event: 'cancel', key });
    const url = `${gatewayUrl}/orders/${order.id}/cancel`;
    const cancel = () => http.post(url, null, { headers: { authorization }, timeout: '15s' });
    if (!repeat(key, 'cancelled', cancel)) ordersUnanswered.add(1);
  }
}

/** Holds the load to its rate: `sleep` takes seconds, and nothing below zero. */
function pause(ms: number): void {
  if (ms > 0) sleep(ms / 1000);
}

/** An honest client: on 5xx, 409 or no answer at all it sends the same again, later each time, until it is out of patience. */
function repeat(
  key: string,
  event: 'placed' | 'cancelled',
  send: () => RefinedResponse<'text'>,
): OrderAnswer | undefined {
  const deadline = Date.now() + patienceS * 1000;
  for (let pauseS = 0.1; Date.now() < deadline; pauseS = Math.min(pauseS * 2, 2)) {
    const { status, body } = send();
    const answer = status === 200 || status === 201 ? (JSON.parse(String(body)) as OrderAnswer) : undefined;
    log({ event, key, status, ...(answer && { answer }) });
    if (answer) return answer;
    if (status !== 0 && status !== 409 && status < 500) {
      requestsRefused.add(1);
      return undefined;
    }
    sleep(pauseS);
  }
  return undefined;
}

function log(event: ClientEvent): void {
  console.log(JSON.stringify(event));
}

/** Most cards work; some are declined, are slow, or their provider's answer gets lost. */
function chooseToken(number: number): string {
  const tokens: Record<number, string> = {
    3: 'tok_declined',
    23: 'tok_insufficient_funds',
    43: 'tok_slow',
    63: 'tok_answer_lost',
    82: 'tok_answer_lost',
  };
  return tokens[number % 100] ?? 'tok_approved';
}

/** One to three products. One order in fifty asks for something that there is not, so that it cannot be reserved. */
function chooseItems(number: number, productIds: string[]) {
  const count = 1 + (number % 3);
  const items = Array.from({ length: count }, (_, index) => ({
    productId: productIds[(number * 7 + index) % productIds.length] as string,
    quantity: 1 + ((number + index) % 3),
  }));
  if (number % 50 === 27) items.push({ productId: '00000000-0000-7000-8000-000000000000', quantity: 1 });
  return items;
}
