import { newId } from '@meshmart/service/ids';
import type { World } from '../world.ts';
import { type Attempts, type MakeAttempt, type PeerCalls, plain } from './attempt.ts';

const oneOf = ({ productId }: World) => ({ items: [{ productId, quantity: 1 }] });

const reserved =
  (step = ''): MakeAttempt =>
  async (world) => {
    const path = `/reservations/${newId()}`;
    await world.must('product', { method: 'PUT', path, body: oneOf(world) });
    return { path: path + step, status: 200 };
  };

const newProduct = () => {
  const slug = newId();
  const name = `Product ${slug}`;
  return { slug, name, description: 'Good.', category: 'kitchen', priceMinor: 500, stock: 1 };
};

export const attempts: Attempts = {
  'GET /products': plain('/products'),
  'GET /products/categories': plain('/products/categories'),
  'GET /products/:productId': async ({ productId }) => ({ path: `/products/${productId}`, status: 200 }),
  'POST /products': async ({ admin, must }) => {
    const body = newProduct();
    const look = () => must('product', { method: 'GET', path: `/products?q=${body.slug}` });
    return { path: '/products', body, status: 201, owner: admin, look };
  },
  'DELETE /products/:productId': async ({ admin, must, send }) => {
    const added = await must('product', { method: 'POST', path: '/products', body: newProduct() }, admin);
    const path = `/products/${added.id}`;
    const look = async () => (await send('product', { method: 'GET', path })).status;
    return { path, headers: { 'if-match': '"1"' }, status: 204, owner: admin, look };
  },
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

export const calls: PeerCalls = {
  user: ['GET /.well-known/jwks.json'],
};
