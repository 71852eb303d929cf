import { newId } from '@meshmart/service/ids';
import type { World } from '../world.ts';
import { type Attempts, type MakeAttempt, plain } from './attempt.ts';

const oneOf = ({ productId }: World) => ({ items: [{ productId, quantity: 1 }] });

const reserved =
  (step = ''): MakeAttempt =>
  async (world) => {
    const path = `/reservations/${newId()}`;
    await world.must('product', { method: 'PUT', path, body: oneOf(world) });
    return { path: path + step, status: 200 };
  };

export const product: Attempts = {
  'GET /products': plain('/products'),
  'GET /products/categories': plain('/products/categories'),
  'GET /products/:productId': async ({ productId }) => ({ path: `/products/${productId}`, status: 200 }),
  'PATCH /products/:productId': async ({ productId, admin, must }) => {
    const read = { method: 'GET', path: `/products/${productId}` };
    const { version } = await must('product', read);
    return {
      path: read.path,
      headers: { 'if-match': `"${version}"` },
      body: { stockDelta: 1 },
      status: 200,
      owner: admin,
      look: () => must('product', read),
    };
  },
  'PUT /reservations/:orderId': async (world) => ({
    path: `/reservations/${newId()}`,
    body: oneOf(world),
    status: 200,
  }),
  'GET /reservations/:orderId': reserved(),
  'POST /reservations/:orderId/confirm': reserved('/confirm'),
  'POST /reservations/:orderId/release': reserved('/release'),
};
