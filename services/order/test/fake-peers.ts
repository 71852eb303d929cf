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
 * Starts fake peers that respond by the types of their OpenAPI documents and log their calls. `break` makes a call fail
 * until `mend`, with a problem or like a proxy.
 */
export async function startFakePeers(publicKeys: object[]) {
  const log: string[] = [];
  const broken = new Map<string, { status: number; problem: string | undefined }>();
  const meeting = new Map<string, PromiseWithResolvers<void>>();
  const peer = fastify();
  peer.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/.well-known/')) return;
    const call = `${request.method} ${request.url.replace(/[0-9a-f-]{36}/, ':id')}`;
    log.push(call);
    meeting.get(call)?.resolve();
    if (meeting.has(call)) await Promise.all([...meeting.values()].map(({ promise }) => promise));
    const failure = broken.get(call);
    if (!failure) return;
    if (failure.problem) return refuse(reply, failure.status, failure.problem);
    return reply.code(failure.status).send('no upstream');
  });

  let priceMinor = PRICE_MINOR;
  const reservations = new Map<string, Reservation>();
  peer.put<{ Params: { orderId: string }; Body: ReservationRequest }>(
    '/reservations/:orderId',
    async ({ params: { orderId }, body: { items } }, reply) => {
      if (items.some(({ quantity }) => quantity > 10)) return refuse(reply, 409, 'out-of-stock');
      if (reservations.get(orderId)?.status === 'released') return refuse(reply, 409, 'reservation-conflict');
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
  peer.post<{ Params: { orderId: string } }>('/reservations/:orderId/confirm', async ({ params }, reply) => {
    const reservation = reservations.get(params.orderId);
    if (!reservation) return refuse(reply, 404, 'not-found');
    return Object.assign(reservation, { status: 'confirmed' });
  });
  peer.post<{ Params: { orderId: string } }>(
    '/reservations/:orderId/release',
    async ({ params: { orderId } }) => {
      const never: Reservation = { orderId, status: 'released', items: [], totalMinor: 0, currency: 'EUR' };
      const released: Reservation = { ...(reservations.get(orderId) ?? never), status: 'released' };
      reservations.set(orderId, released);
      return released;
    },
  );

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
  const refunds: { key: string; amountMinor: number }[] = [];
  const refundedOf = (paymentId: string) =>
    refunds.reduce((sum, { key, amountMinor }) => sum + (key.startsWith(paymentId) ? amountMinor : 0), 0);
  peer.post<{ Body: { orderId: string } }>(
    '/payments/of-order/void-or-refund',
    async ({ body: { orderId } }) => {
      const key = `${orderId}:refund`;
      if (captured.has(orderId) && refundedOf(orderId) === 0)
        refunds.push({
          key,
          amountMinor: charges.find((charge) => charge.key.startsWith(orderId))?.amountMinor ?? 0,
        });
      return { items: [] };
    },
  );
  peer.get('/.well-known/jwks.json', async () => ({ keys: publicKeys }));

  return {
    url: await listen(peer),
    log,
    charges,
    refunds,
    /** Returns whether an order holds stock. */
    held: (orderId: string) => ['reserved', 'confirmed'].includes(reservations.get(orderId)?.status ?? ''),
    priceAt: (minor: number) => {
      priceMinor = minor;
    },
    break: (call: string, status = 503, problem?: string) => broken.set(call, { status, problem }),
    mend: () => broken.clear(),
    /** Holds back these calls from now on, until all of them have arrived. */
    meet: (...calls: string[]) => {
      for (const call of calls) meeting.set(call, Promise.withResolvers());
    },
    /** Releases the calls that are held back. */
    part: () => {
      for (const { resolve } of meeting.values()) resolve();
    },
    /** Expires the keys, as payment does after a day. */
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
