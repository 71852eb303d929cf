import { newId } from '@meshmart/service/ids';
import { newAccount, type World } from '../world.ts';
import { type Attempts, type MakeAttempt, type PeerCalls, plain } from './attempt.ts';
import { listOrders, newOrder, placeOrder } from './order.ts';
import { logIn, lookAtPassword } from './user.ts';

const basketOf = ({ productId }: World) => JSON.stringify([{ productId, quantity: 1 }]);

function form(fields: Record<string, string>) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { headers, body: new URLSearchParams(fields).toString() };
}

const line =
  (path: string): MakeAttempt =>
  async ({ productId }) => ({ path, ...form({ productId, quantity: '1' }), status: 303 });

export const attempts: Attempts = {
  'GET /': plain('/', 302),
  'GET /shop': plain('/shop'),
  'GET /shop/': plain('/shop/'),
  'GET /shop/assets/shop.css': plain('/shop/assets/shop.css'),
  'GET /shop/assets/mark.svg': plain('/shop/assets/mark.svg'),
  'GET /shop/assets/pictures/:category/:variant.svg': plain('/shop/assets/pictures/kitchen/0.svg'),
  'GET /shop/products/:productId': async ({ productId }) => ({
    path: `/shop/products/${productId}`,
    status: 200,
  }),
  'GET /shop/basket': plain('/shop/basket'),
  'POST /shop/basket/add': line('/shop/basket/add'),
  'POST /shop/basket/change': line('/shop/basket/change'),
  'POST /shop/basket/restore': async (world) => ({
    path: '/shop/basket/restore',
    ...form({ lines: basketOf(world) }),
    status: 303,
  }),
  // An anonymous visitor is redirected to log in. The form shows only what is in the visitor's own cookies.
  'GET /shop/checkout': plain('/shop/checkout', 303),
  'POST /shop/checkout': async (world) => {
    const owner = await world.register();
    const { paymentToken } = newOrder(world);
    return {
      path: '/shop/checkout',
      ...form({
        idempotencyKey: newId(),
        basket: basketOf(world),
        expectedTotalMinor: String(world.priceMinor),
        paymentToken,
      }),
      status: 303,
      owner,
      look: listOrders(world, owner),
    };
  },
  'GET /shop/orders': async (world) => {
    const { owner, id } = await placeOrder(world);
    return { path: '/shop/orders', status: 200, owner, mark: id };
  },
  'GET /shop/orders/:orderId': async (world) => {
    const { owner, id, path } = await placeOrder(world);
    return { path: `/shop${path}`, status: 200, owner, mark: id };
  },
  'POST /shop/orders/:orderId/cancel': async (world) => {
    const { owner, path, look } = await placeOrder(world);
    return { path: `/shop${path}/cancel`, status: 303, owner, look };
  },
  'GET /shop/login': plain('/shop/login'),
  'POST /shop/login': async ({ other: { email, password } }) => ({
    path: '/shop/login',
    ...form({ email, password }),
    status: 303,
  }),
  'GET /shop/register': plain('/shop/register'),
  'POST /shop/register': async () => ({
    path: '/shop/register',
    ...form(newAccount()),
    status: 303,
  }),
  'GET /shop/account': async (world) => {
    const owner = await world.register();
    return { path: '/shop/account', status: 200, owner, mark: owner.email };
  },
  'POST /shop/account/password': async (world) => {
    const owner = await world.register();
    return {
      path: '/shop/account/password',
      ...form({ currentPassword: owner.password, newPassword: 'another password' }),
      status: 303,
      owner,
      others: { customer: '403', admin: '403' },
      look: lookAtPassword(world, owner),
    };
  },
  'POST /shop/account/sessions/end': async (world) => {
    const { owner, look } = await logIn(world);
    return { path: '/shop/account/sessions/end', status: 303, owner, look };
  },
  'POST /shop/account/sessions/:sessionId/end': async (world) => {
    const { owner, id, look } = await logIn(world);
    return { path: `/shop/account/sessions/${id}/end`, status: 303, owner, look };
  },
  'POST /shop/logout': plain('/shop/logout', 303),
};

export const calls: PeerCalls = {
  product: ['GET /products', 'GET /products/categories', 'GET /products/:productId'],
  order: ['POST /orders', 'GET /orders', 'GET /orders/:orderId', 'POST /orders/:orderId/cancel'],
  user: [
    'POST /users',
    'POST /sessions',
    'POST /sessions/refresh',
    'POST /sessions/revoke',
    'GET /users/me',
    'PUT /users/me/password',
    'GET /users/me/sessions',
    'DELETE /users/me/sessions',
    'DELETE /users/me/sessions/:sessionId',
  ],
};
