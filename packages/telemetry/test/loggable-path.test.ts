import { expect, test } from 'vitest';
import { loggablePath, loggablePeerPath } from '../src/loggable-path.ts';

const id = '019bb200-0000-7000-8000-00000000000a';

test.each([
  ['/orders/:orderId/cancel', { orderId: id }, `/orders/${id}/cancel`],
  ['/orders/:orderId', { orderId: '4111111111111111' }, '/orders/:orderId'],
  ['/orders/:orderId', { orderId: `${id}4111111111111111` }, '/orders/:orderId'],
  ['/docs/static/*', { '*': 'secret' }, '/docs/static/*'],
  ['/orders', undefined, '/orders'],
  [undefined, {}, undefined],
])('a request for %s with %o is logged as %s', (url, params, path) => {
  expect(loggablePath({ routeOptions: { url }, params })).toBe(path);
});

test.each([
  [`/reservations/${id}/confirm`, `/reservations/${id}/confirm`],
  ['/.well-known/jwks.json', '/.well-known/jwks.json'],
  ['/products?q=4111111111111111', '/products'],
  ['/products/4111111111111111', '/products/*'],
  ['/products/n%22eedle/x', '/products/*/x'],
])('a call to a peer at %s is recorded as %s', (path, written) => {
  expect(loggablePeerPath(path)).toBe(written);
});
