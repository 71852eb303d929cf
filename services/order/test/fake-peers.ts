import type { paths as PaymentPaths } from '@meshmart/payment/openapi';
import type { paths as ProductPaths } from '@meshmart/product/openapi';
import fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';

type Reservation =
  ProductPaths['/reservations/{orderId}']['put']['responses'][200]['content']['application/json'];
type ReservationRequest = NonNullable<
  ProductPaths['/reservations/{orderId}']['put']['requestBody']
>['content']['application/json'];
type Payment = PaymentPaths['/payments']['post']['responses'][201]['content']['application/json'];
type PaymentRequest = NonNullable<
  PaymentPaths['/payments']['post']['requestBody']
>['content']['application/json'];

export const PRICE_MINOR = 500;

/**
 * The peers as the order service sees them over HTTP: they answer by the types of their OpenAPI documents and keep a log of
 * what was asked. `break` makes a call fail from then on, until `mend`.
 */
export async function startFakePeers(publicKeys: object[]) {
  const log: string[] = [];
  const broken = new Set<string>();
  const peer = fastify();
  peer.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/.well-known/')) return;
    const call = `${request.method} ${request.url.replace(/[0-9a-f-]{36}/, ':id')}`;
    log.push(call);
    if (broken.has(call)) return reply.code(503).send({});
  });

  const reservations = new Map<string, Reservation>();
  peer.put<{ Params: { orderId: string }; Body: ReservationRequest }>(
    '/reservations/:orderId',
    async ({ params: { orderId }, body: { items } }, reply) => {
      if (items.some(({ quantity }) => quantity > 10)) return reply.code(409).send({});
      const reservation: Reservation = {
        orderId,
        status: 'reserved',
        items: items.map((item) => ({ ...item, name: 'Cup', priceMinor: PRICE_MINOR })),
        totalMinor: items.reduce((sum, { quantity }) => sum + quantity * PRICE_MINOR, 0),
        currency: 'EUR',
      };
      reservations.set(orderId, reservation);
      return reservation;
    },
  );
  for (const verb of ['confirm', 'release']) {
    peer.post<{ Params: { orderId: string } }>(`/reservations/:orderId/${verb}`, async ({ params }) =>
      reservations.get(params.orderId),
    );
  }

  const charges: { key: string; amountMinor: number }[] = [];
  peer.post<{ Body: PaymentRequest }>('/payments', async ({ body, headers }, reply) => {
    const key = String(headers['idempotency-key']);
    if (!charges.some((charge) => charge.key === key)) charges.push({ key, amountMinor: body.amountMinor });
    const { paymentToken, ...rest } = body;
    const status = paymentToken === 'tok_declined' ? 'declined' : 'authorised';
    const payment: Payment = { id: body.orderId, ...rest, status, createdAt: new Date().toISOString() };
    return reply.code(201).send(payment);
  });
  peer.post('/payments/:paymentId/capture', async () => ({}));
  peer.get('/.well-known/jwks.json', async () => ({ keys: publicKeys }));

  return {
    url: await listen(peer),
    log,
    charges,
    break: (call: string) => broken.add(call),
    mend: () => broken.clear(),
  };
}

async function listen(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}
