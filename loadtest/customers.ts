import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { gatewayUrl } from './targets.ts';

/** Access tokens are good for longer than that. */
const sessionS = 420;
const json = {
  headers: { 'content-type': 'application/json' },
  // 429: one address may have few passwords a second checked, and waits here; that is no failure of the store.
  responseCallback: http.expectedStatuses({ min: 200, max: 399 }, 409, 429),
};

export interface Customer {
  id: string;
  login: { email: string; password: string };
  session: Session;
}

interface Session {
  authorization: string;
  renewAt: number;
}

/** For a script's `setup`: customers of this run alone. */
export function registerCustomers(run: string, count: number): Customer[] {
  return Array.from({ length: count }, (_, number) => register(`${run}-${number}`));
}

function register(name: string): Customer {
  const login = { email: `${name}@meshmart.example`, password: 'correct horse battery' };
  // 409: it was done before, and the answer was lost.
  insist(() => http.post(`${gatewayUrl}/users`, JSON.stringify({ ...login, name }), json), [201, 409]);
  const session = logIn(login);
  const headers = { authorization: session.authorization };
  const { id } = insist<{ id: string }>(() => http.get(`${gatewayUrl}/users/me`, { headers }));
  return { id, login, session };
}

/** Each user of k6 has its own. */
let session: Session | undefined;

/** The header of a customer who is logged in, and logs in again before the token expires. A user of k6 is always the same customer. */
export function authorizationOf(customer: Customer): string {
  session ??= customer.session;
  if (Date.now() > session.renewAt) session = logIn(customer.login);
  return session.authorization;
}

function logIn(login: Customer['login']): Session {
  const { accessToken } = insist<{ accessToken: string }>(() =>
    http.post(`${gatewayUrl}/sessions`, JSON.stringify(login), json),
  );
  return { authorization: `Bearer ${accessToken}`, renewAt: Date.now() + sessionS * 1000 };
}

/** Asks until the answer is a wanted one. @throws after half a minute */
export function insist<T>(send: () => RefinedResponse<'text'>, wanted = [200, 201]): T {
  for (let attempt = 1; ; attempt++) {
    const response = send();
    if (wanted.includes(response.status)) return response.json() as T;
    if (attempt === 60) throw new Error(`${response.url} answers ${response.status}`);
    sleep(0.5);
  }
}
