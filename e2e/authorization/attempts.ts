import type { Attempts, MakeAttempt } from './attempts/attempt.ts';
import { operated } from './attempts/operated.ts';
import { order } from './attempts/order.ts';
import { payment } from './attempts/payment.ts';
import { product } from './attempts/product.ts';
import { storefront } from './attempts/storefront.ts';
import { user } from './attempts/user.ts';
import type { Route } from './running-routes.ts';

const own: Record<string, Attempts> = { order, payment, product, storefront, user };

/** By service: how each of its routes is tried. */
export function attemptsOf(service: string): Attempts {
  return { ...operated, ...own[service] };
}

/** HEAD is tried as GET is. */
export function keyOf({ method, url }: Route): string {
  return `${method === 'HEAD' ? 'GET' : method} ${url}`;
}

export function findAttempt(service: string, route: Route): MakeAttempt {
  const make = attemptsOf(service)[keyOf(route)];
  if (!make) throw new Error(`there is no attempt for ${keyOf(route)} of ${service}`);
  return make;
}
