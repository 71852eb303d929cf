import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { gatewayUrl } from './addresses.ts';
import { authorizationOf, type Customer, registerCustomers } from './customers.ts';
import { listProducts } from './orders.ts';
import { phase } from './phase.ts';

export interface Shoppers {
  /** Unique prefix of this run's idempotency keys. */
  run: string;
  customers: Customer[];
  productIds: string[];
}

/** Registers customers for this run only, and lists what they can buy. Call it in a script's `setup`. */
export function gatherShoppers(name: string, count = 5): Shoppers {
  const run = `${name}-${phase}-${Date.now()}`;
  return { run, customers: registerCustomers(run, count), productIds: listProducts() };
}

/** Returns the customer of the running user of k6. */
export function chooseCustomer({ customers }: Shoppers): Customer {
  return customers[exec.vu.idInTest % customers.length] as Customer;
}

/** Returns the request for one unit of one product, chosen by the order's number in the run. */
export function orderOne({ productIds }: Shoppers, number: number) {
  const productId = productIds[number % productIds.length] as string;
  return { items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' };
}

/**
 * Places one order, without retries.
 *
 * @param number of the order in the run
 */
export function checkOut(
  shoppers: Shoppers,
  number: number,
  moreHeaders: Record<string, string> = {},
): RefinedResponse<'text'> {
  const headers = {
    authorization: authorizationOf(chooseCustomer(shoppers)),
    'content-type': 'application/json',
    'idempotency-key': `"${shoppers.run}-${number}"`,
    ...moreHeaders,
  };
  return http.post(`${gatewayUrl}/orders`, JSON.stringify(orderOne(shoppers, number)), { headers });
}
