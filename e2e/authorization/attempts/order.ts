import { newId } from '@meshmart/service/ids';
import type { Customer, World } from '../world.ts';
import type { Attempts, PeerCalls } from './attempt.ts';

export function newOrder({ productId }: World) {
  return { items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' };
}

/** Creates a confirmed order of a new customer. */
export async function placeOrder(world: World) {
  const owner = await world.register();
  const headers = { 'idempotency-key': newId() };
  const call = { method: 'POST', path: '/orders', headers, body: newOrder(world) };
  const { id } = await world.must('order', call, owner);
  const path = `/orders/${id}`;
  return { owner, id: id as string, path, look: () => world.must('order', { method: 'GET', path }, owner) };
}

export const listOrders = (world: World, owner: Customer) => () =>
  world.must('order', { method: 'GET', path: '/orders' }, owner);

export const attempts: Attempts = {
  'POST /orders': async (world) => {
    const owner = await world.register();
    return {
      path: '/orders',
      headers: { 'idempotency-key': newId() },
      body: newOrder(world),
      status: 201,
      owner,
      look: listOrders(world, owner),
    };
  },
  'GET /orders': async (world) => {
    const { owner, id } = await placeOrder(world);
    return { path: '/orders', status: 200, owner, mark: id };
  },
  'GET /orders/:orderId': async (world) => {
    const { owner, id, path } = await placeOrder(world);
    return { path, status: 200, owner, mark: id };
  },
  'POST /orders/:orderId/cancel': async (world) => {
    const { owner, id, path, look } = await placeOrder(world);
    return { path: `${path}/cancel`, status: 200, owner, mark: id, look };
  },
};

export const calls: PeerCalls = {
  product: [
    'PUT /reservations/:orderId',
    'GET /reservations/:orderId',
    'POST /reservations/:orderId/confirm',
    'POST /reservations/:orderId/release',
  ],
  payment: [
    'POST /payments',
    'GET /payments/:paymentId',
    'POST /payments/:paymentId/capture',
    'POST /payments/:paymentId/void',
    'POST /payments/:paymentId/refunds',
    'POST /payments/of-order/void-or-refund',
  ],
  user: ['GET /.well-known/jwks.json'],
};
