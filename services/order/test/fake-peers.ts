import type { paths as PaymentPaths } from '@meshmart/payment/openapi';
import type { paths as ProductPaths } from '@meshmart/product/openapi';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
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

  let priceMinor = PRICE_MINOR;
  const reservations = new Map<string, Reservation>();
  peer.put<{ Params: { orderId: string }; Body: ReservationRequest }>(
    '/reservations/:orderId',
    async ({ params: { orderId }, body: { items } }, reply) => {
      if (items.some(({ quantity }) => quantity > 10)) return reply.code(409).send({});
      const reservation: Reservation = {
        orderId,
        status: 'reserved',
        items: items.map((item) => ({ ...item, name: 'Cup', priceMinor })),
        totalMinor: items.reduce((sum, { quantity }) => sum + quantity * priceMinor, 0),
        currency: 'EUR',
      };
      reservations.set(orderId, reservation);
      return reservation;
    },
  );
  for (const [verb, status] of [
    ['confirm', 'confirmed'],
    ['release', 'released'],
  ] as const) {
    peer.post<{ Params: { orderId: string } }>(
      `/reservations/:orderId/${verb}`,
      async ({ params }, reply) => {
        const reservation = reservations.get(params.orderId);
        if (!reservation) return reply.code(404).send({});
        return Object.assign(reservation, { status });
      },
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
  const captured = new Set<string>();
  peer.post<{ Params: { paymentId: string } }>('/payments/:paymentId/capture', async ({ params }) => {
    captured.add(params.paymentId);
    return {};
  });
  peer.post<{ Params: { paymentId: string } }>('/payments/:paymentId/void', async ({ params }, reply) =>
    captured.has(params.paymentId) ? refuse(reply, 409, 'payment-already-captured') : {},
  );
  const refunds: { key: string; amountMinor: number }[] = [];
  const refundedOf = (paymentId: string) =>
    refunds.reduce((sum, { key, amountMinor }) => sum + (key.startsWith(paymentId) ? amountMinor : 0), 0);
  peer.post<{ Params: { paymentId: string }; Body: { amountMinor: number } }>(
    '/payments/:paymentId/refunds',
    async ({ params, body: { amountMinor }, headers }, reply) => {
      const key = String(headers['idempotency-key']);
      if (refunds.some((refund) => refund.key === key)) return reply.code(201).send({});
      if (refundedOf(params.paymentId) > 0) return refuse(reply, 409, 'refund-exceeds-payment');
      refunds.push({ key, amountMinor });
      return reply.code(201).send({});
    },
  );
  peer.get<{ Params: { paymentId: string } }>('/payments/:paymentId', async ({ params }) => ({
    refundedMinor: refundedOf(params.paymentId),
  }));
  peer.get('/.well-known/jwks.json', async () => ({ keys: publicKeys }));

  return {
    url: await listen(peer),
    log,
    charges,
    refunds,
    /** Whether an order still holds goods. */
    held: (orderId: string) => ['reserved', 'confirmed'].includes(reservations.get(orderId)?.status ?? ''),
    priceAt: (minor: number) => {
      priceMinor = minor;
    },
    break: (call: string) => broken.add(call),
    mend: () => broken.clear(),
    /** As payment does after a day: what was asked for before is not known by its key any more. */
    forgetKeys: () => {
      for (const known of [...charges, ...refunds]) known.key += ' (forgotten)';
    },
  };
}

function refuse(reply: FastifyReply, status: number, problem: string) {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: `urn:meshmart:problem:${problem}` });
}

async function listen(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}
