import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { gatewayUrl } from './addresses.ts';

/** Shorter than the life of an access token. */
const sessionS = 420;
const json = {
  headers: { 'content-type': 'application/json' },
  // 429 limits the password checks per address, and all customers share one here: that is no failure of the store.
  responseCallback: http.expectedStatuses({ min: 200, max: 399 }, 409, 429),
};

export interface Customer {
  id: string;
  login: { email: string; password: string };
  session: Session;
}

interface Session {
  authorization: string;
  /** In ms since the epoch. */
  renewAt: number;
}

/** Registers customers for this run only. Call it in a script's `setup`. */
export function registerCustomers(run: string, count: number): Customer[] {
  return Array.from({ length: count }, (_, number) => register(`${run}-${number}`));
}

/** Registers somebody and logs in. */
export function signUp(name: string): Pick<Customer, 'login' | 'session'> {
  const login = { email: `${name}@meshmart.example`, password: 'correct horse battery' };
  // 409: an earlier attempt succeeded, and its response was lost.
  retryUntil(() => http.post(`${gatewayUrl}/users`, JSON.stringify({ ...login, name }), json), [201, 409]);
  return { login, session: logIn(login) };
}

function register(name: string): Customer {
  const { login, session } = signUp(name);
  const headers = { authorization: session.authorization };
  const { id } = retryUntil<{ id: string }>(() => http.get(`${gatewayUrl}/users/me`, { headers }));
  return { id, login, session };
}

/** Each user of k6 has its own. */
let session: Session | undefined;

/** Returns a customer's authorization header. The customer logs in again before the token expires. */
export function authorizationOf(customer: Customer): string {
  session ??= customer.session;
  if (Date.now() > session.renewAt) session = logIn(customer.login);
  return session.authorization;
}

/** Returns a new session. */
export function logIn(login: Customer['login']): Session {
  const { accessToken } = retryUntil<{ accessToken: string }>(() =>
    http.post(`${gatewayUrl}/sessions`, JSON.stringify(login), json),
  );
  return { authorization: `Bearer ${accessToken}`, renewAt: Date.now() + sessionS * 1000 };
}

/** Repeats a request until its status is a wanted one. @throws after half a minute */
export function retryUntil<T>(send: () => RefinedResponse<'text'>, wanted = [200, 201]): T {
  for (let attempt = 1; ; attempt++) {
    const response = send();
    if (wanted.includes(response.status)) return response.json() as T;
    if (attempt === 60) throw new Error(`${response.url} returns ${response.status}`);
    sleep(0.5);
  }
}
