import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Order } from '../src/peers/order.ts';
import type { Product, ProductPage } from '../src/peers/product.ts';

export const skillet: Product = {
  id: '019bb138-1000-7138-a386-e4db483de9a5',
  slug: 'harrow-cast-iron-skillet',
  name: 'Harrow Cast-Iron Skillet',
  description: 'A heavy skillet with two pouring lips.',
  category: 'kitchen',
  priceMinor: 4290,
  currency: 'EUR',
  version: 1,
  stock: 64,
};

export const teapot: Product = {
  ...skillet,
  id: '019bb138-13e8-7543-8952-639247645be5',
  slug: 'cast-iron-teapot',
  name: 'Cast-Iron Teapot',
  category: 'coffee-and-tea',
  priceMinor: 5200,
  stock: 2,
};

export const order: Order = {
  id: '019bb200-0000-7000-8000-000000000001',
  status: 'confirmed',
  items: [{ productId: skillet.id, name: skillet.name, priceMinor: 4290, quantity: 2 }],
  totalMinor: 8580,
  currency: 'EUR',
  createdAt: '2026-01-12T08:00:00.000Z',
};

/** Starts a peer on a free port of this machine. @returns its address */
async function listen(peer: FastifyInstance): Promise<string> {
  await peer.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(peer.server.address() as AddressInfo).port}`;
}

/** Starts product v2 with these products. */
export async function startFakeProduct(items: Product[], nextCursor: string | null = null) {
  const peer = Fastify();
  const queries: unknown[] = [];
  /** Paths that respond with 503. */
  const failing = new Set<string>();
  peer.addHook('onRequest', async ({ url }, reply) => {
    reply.header('x-served-by', 'product/v2');
    if (failing.has(url)) return sendProblem(reply.code(503));
  });
  peer.get('/products', async (request): Promise<ProductPage> => {
    queries.push(request.query);
    const { ids } = request.query as { ids?: string };
    return { items: items.filter(({ id }) => !ids || ids.split(',').includes(id)), nextCursor };
  });
  peer.get('/products/categories', async () => ({ items: [{ category: 'kitchen', count: 20 }] }));
  peer.get<{ Params: { id: string } }>('/products/:id', async ({ params }, reply) => {
    return items.find(({ id }) => id === params.id) ?? sendProblem(reply.code(404));
  });
  return { peer, queries, failing, url: await listen(peer) };
}

interface OrderResponse {
  status: number;
  body: Order | object;
}

/** Starts order, which gives these responses to `POST /orders` (the last one repeatedly) and records its requests. */
export async function startFakeOrder(...responses: [OrderResponse, ...OrderResponse[]]) {
  const peer = Fastify();
  const last = responses.at(-1) as OrderResponse;
  const placed: { key: unknown; authorization: unknown; body: unknown }[] = [];
  peer.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.authorization !== 'Bearer a.valid.token') return sendProblem(reply.code(401));
  });
  peer.post('/orders', async ({ headers, body }, reply) => {
    placed.push({ key: headers['idempotency-key'], authorization: headers.authorization, body });
    const { status, body: order } = responses[placed.length - 1] ?? last;
    return reply.code(status).send(order);
  });
  peer.get('/orders', async () => ({ items: [order], nextCursor: null }));
  let current = last.status === 201 ? last.body : order;
  peer.get('/orders/:id', async () => current);
  peer.post('/orders/:id/cancel', async () => {
    current = { ...current, status: 'cancelled', cancelReason: 'customer' };
    return current;
  });
  return { peer, placed, url: await listen(peer) };
}

const tokens = {
  accessToken: 'a.valid.token',
  tokenType: 'Bearer',
  expiresInS: 600,
  refreshExpiresInS: 604_800,
};

/** Starts user with one account, whose first refresh token is valid. Records refresh tokens and visitors' addresses. */
export async function startFakeUser() {
  const peer = Fastify();
  const visitors: unknown[] = [];
  peer.addHook('onRequest', async ({ headers }) => void visitors.push(headers['x-forwarded-for']));
  peer.post<{ Body: { email: string } }>('/users', async ({ body: { email } }, reply) => {
    if (email === 'taken@example.com') return sendProblem(reply.code(409));
    if (email === 'hasty@example.com') return sendProblem(reply.code(429).header('retry-after', 7));
    if (email === 'odd') {
      return sendProblem(reply.code(400), [{ pointer: '/body/email', detail: 'must match format "email"' }]);
    }
    return reply
      .code(201)
      .send({ id: skillet.id, email, name: 'Ada', role: 'customer', createdAt: order.createdAt });
  });
  peer.post<{ Body: { email: string; password: string } }>('/sessions', async ({ body }, reply) => {
    const { email, password } = body;
    if (email === 'odd') return sendProblem(reply.code(400));
    if (email === 'hasty@example.com') return sendProblem(reply.code(429).header('retry-after', 7));
    if (password !== 'correct horse') return sendProblem(reply.code(401));
    return reply.code(201).send({ ...tokens, refreshToken: 'first' });
  });
  const asked: string[] = [];
  for (const path of ['/sessions/refresh', '/sessions/revoke']) {
    peer.post<{ Body: { refreshToken: string } }>(path, async ({ body: { refreshToken } }, reply) => {
      asked.push(`${path} ${refreshToken}`);
      if (refreshToken === 'broken') return sendProblem(reply.code(503));
      if (path.endsWith('revoke')) return reply.code(204).send();
      if (refreshToken === 'unlucky')
        return { ...tokens, accessToken: 'a.doubtful.token', refreshToken: 'third' };
      return refreshToken === 'first' ? { ...tokens, refreshToken: 'second' } : sendProblem(reply.code(401));
    });
  }
  const ended: string[] = [];
  const sessions = [1, 2].map((n) => ({
    id: `019bb200-0000-7000-8000-00000000000${n}`,
    startedAt: order.createdAt,
    refreshedAt: order.createdAt,
    expiresAt: order.createdAt,
    isCurrent: n === 1,
  }));
  peer.get('/users/me', async () => ({
    id: skillet.id,
    email: 'ada@example.com',
    name: 'Ada',
    role: 'customer',
    createdAt: order.createdAt,
  }));
  peer.get('/users/me/sessions', async () => ({ items: sessions.filter(({ id }) => !ended.includes(id)) }));
  peer.put<{ Body: { currentPassword: string; newPassword: string } }>(
    '/users/me/password',
    async ({ body, headers }, reply) => {
      if (headers.authorization !== 'Bearer a.valid.token') return sendProblem(reply.code(401));
      if (body.newPassword.length < 8)
        return sendProblem(reply.code(400), [
          { pointer: '/body/newPassword', detail: 'must NOT have fewer' },
        ]);
      if (body.currentPassword === 'correct horse') return reply.code(204).send();
      return sendProblem(reply.code(403), undefined, 'wrong-password');
    },
  );
  peer.delete<{ Params: { id: string } }>('/users/me/sessions/:id', async ({ params }, reply) => {
    ended.push(params.id);
    return reply.code(204).send();
  });
  peer.delete('/users/me/sessions', async (_request, reply) => {
    ended.push(...sessions.map(({ id }) => id));
    return reply.code(204).send();
  });
  return { peer, asked, ended, sessions, visitors, url: await listen(peer) };
}

function sendProblem<R extends { statusCode: number; type(type: string): R; send(body: object): R }>(
  reply: R,
  errors?: { pointer: string; detail: string }[],
  name = 'fake',
): R {
  const problem = {
    type: `urn:meshmart:problem:${name}`,
    title: 'Fake',
    status: reply.statusCode,
    instance: '/',
    errors,
  };
  return reply.type('application/problem+json').send(problem);
}
