import { sleep } from 'k6';
import http, { type CookieJar, type RefinedResponse } from 'k6/http';
// k6 resolves no package names, only paths.
import type { OrderResponse } from '../packages/consistency-checker/src/client-log.ts';
import { gatewayUrl } from './addresses.ts';
import type { Customer } from './customers.ts';
import { log, type OrderRequest, patienceS, requestsRefused } from './orders.ts';

type Response = RefinedResponse<'text'>;
/** All hidden fields of a form, by name. */
type HiddenFields = Record<string, string>;

/** Each user of k6 has one browser, which stays logged in. */
let jar: CookieJar | undefined;

/**
 * Buys in the shop as a person with a browser does: logs in, fills the basket, opens the checkout and pays. When no
 * order is shown, the person alternates between opening the checkout anew and sending the last form again.
 *
 * @returns the order that the shop redirected to; undefined when the person ran out of patience or was refused
 */
export function buyInShop(customer: Customer, key: string, request: OrderRequest): OrderResponse | undefined {
  jar ??= new http.CookieJar();
  const deadline = Date.now() + patienceS * 1000;
  while (!fillBasket(request) && Date.now() < deadline) sleep(0.5);
  let form: HiddenFields | undefined;
  for (let attempt = 0; Date.now() < deadline; attempt++) {
    let response: Response | undefined;
    if (!form || attempt % 2 === 1) {
      response = get('/shop/checkout');
      form = readForm(response);
    }
    if (form) {
      response = pay(form, request);
      form = readForm(response) ?? form;
    }
    const id = leadsTo(response, '/shop/orders/')?.slice(0, 36);
    if (id) {
      const response: OrderResponse = { id, status: 'pending' };
      log({ event: 'placed', key, status: 303, response });
      return response;
    }
    if (response && isRefusal(response)) {
      requestsRefused.add(1);
      return undefined;
    }
    if (leadsTo(response, '/shop/login') !== undefined) logIn(customer);
    sleep(Math.min(0.1 * 2 ** attempt, 2));
  }
  return undefined;
}

/** Puts all items into an empty basket. @returns whether that succeeded */
function fillBasket({ items }: OrderRequest): boolean {
  emptyBasket();
  return items.every(({ productId, quantity }) => {
    const response = post('/shop/basket/add', { productId, quantity: String(quantity) });
    return leadsTo(response, '/shop/products/') !== undefined;
  });
}

/** Removes what an earlier purchase left. */
function emptyBasket(): void {
  for (const name of Object.keys(jar?.cookiesForURL(gatewayUrl) ?? {})) {
    if (name.includes('basket')) jar?.delete(gatewayUrl, name);
  }
}

function pay(form: HiddenFields, { paymentToken }: OrderRequest): Response {
  return post('/shop/checkout', { ...form, paymentToken });
}

function logIn({ login }: Customer): void {
  post('/shop/login', { ...login, next: '/shop/checkout' });
}

function readForm(page: Response): HiddenFields | undefined {
  if (!page.body) return undefined;
  const inputs = page.html().find('form[action="/shop/checkout"] input[type="hidden"]').toArray();
  const fields = inputs.map((input) => [input.attr('name'), input.attr('value')]);
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}

/** Returns the rest of a response's Location after `path`. */
function leadsTo(response: Response | undefined, path: string): string | undefined {
  const location = response?.headers.Location ?? '';
  return location.startsWith(path) ? location.slice(path.length) : undefined;
}

/** Tells a refusal from a request to wait (409, 429). A redirect to the basket is a refusal too. */
function isRefusal(response: Response): boolean {
  const { status } = response;
  if (leadsTo(response, '/shop/basket') !== undefined) return true;
  return status >= 400 && status < 500 && status !== 409 && status !== 429;
}

function get(path: string): Response {
  return http.get(gatewayUrl + path, params());
}

function post(path: string, form: Record<string, string>): Response {
  return http.post(gatewayUrl + path, form, params());
}

function params() {
  return {
    jar: jar as CookieJar,
    redirects: 0,
    timeout: '20s',
    headers: { 'sec-fetch-site': 'same-origin' },
  };
}
