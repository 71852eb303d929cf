import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { authorizationOf, type Customer, registerCustomers } from './customers.ts';
import { listProducts } from './orders.ts';
import { phase } from './phase.ts';
import { gatewayUrl } from './targets.ts';

export interface Shoppers {
  run: string;
  customers: Customer[];
  productIds: string[];
}

/** For a script's `setup`: a few customers of this run alone, and what they can buy. */
export function gatherShoppers(name: string): Shoppers {
  const run = `${name}-${phase}-${Date.now()}`;
  return { run, customers: registerCustomers(run, 5), productIds: listProducts() };
}

/** One order, by its number in the run, with what the script adds to its headers. */
export function checkOut(
  { run, customers, productIds }: Shoppers,
  number: number,
  moreHeaders: Record<string, string> = {},
): RefinedResponse<'text'> {
  const customer = customers[exec.vu.idInTest % customers.length] as Customer;
  const productId = productIds[number % productIds.length] as string;
  const wish = { items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' };
  const headers = {
    authorization: authorizationOf(customer),
    'content-type': 'application/json',
    'idempotency-key': `"${run}-${number}"`,
    ...moreHeaders,
  };
  return http.post(`${gatewayUrl}/orders`, JSON.stringify(wish), { headers });
}
