import type { App } from '@meshmart/service/app';
import { STORE_CURRENCY as currency } from '@meshmart/service/schemas';
import { problem } from '../problems.ts';
import {
  confirmReservation,
  findReservation,
  putReservation,
  type ReservationItemRequest,
  type ReservationWithItems,
  releaseReservation,
} from './repository.ts';
import { ReservationParams, ReservationRequest, ReservationSchema } from './schemas.ts';

const config = { access: 'service' as const };
const response = { 200: ReservationSchema };

/** Reservations belong to an order and are keyed by its id, so that a repeated call has no second effect. */
export async function reservationRoutes(app: App, { lifetimeS }: { lifetimeS: number }) {
  app.put(
    '/reservations/:orderId',
    {
      config,
      schema: {
        operationId: 'putReservation',
        params: ReservationParams,
        body: ReservationRequest,
        response,
      },
    },
    async ({ params: { orderId }, body: { items } }) => {
      if (new Set(items.map(({ productId }) => productId)).size < items.length) {
        throw problem('invalid-request', {
          errors: [{ pointer: '/body/items', detail: 'must name a product once' }],
        });
      }
      const isStanding = await putReservation(app.stockDatabase, { orderId, items, lifetimeS });
      const reservation = await getReservation(orderId);
      // Whoever asks again must not believe that it still holds what was given back.
      if (!isStanding) throw problem('reservation-conflict', { detail: 'it was released or has expired' });
      if (!isSame(reservation, items)) throw problem('reservation-conflict', { detail: 'the items differ' });
      return present(reservation);
    },
  );

  app.get(
    '/reservations/:orderId',
    { config, schema: { operationId: 'getReservation', params: ReservationParams, response } },
    async ({ params }) => present(await getReservation(params.orderId)),
  );

  app.post(
    '/reservations/:orderId/confirm',
    { config, schema: { operationId: 'confirmReservation', params: ReservationParams, response } },
    async ({ params: { orderId } }) => {
      const isConfirmed = await confirmReservation(app.stockDatabase, orderId);
      const reservation = await getReservation(orderId);
      if (!isConfirmed) throw problem('reservation-conflict', { detail: 'it was released or has expired' });
      return present(reservation);
    },
  );

  app.post(
    '/reservations/:orderId/release',
    { config, schema: { operationId: 'releaseReservation', params: ReservationParams, response } },
    async ({ params: { orderId } }) => {
      await releaseReservation(app.stockDatabase, orderId);
      return present(await getReservation(orderId));
    },
  );

  async function getReservation(orderId: string): Promise<ReservationWithItems> {
    const reservation = await findReservation(app.stockDatabase, orderId);
    if (!reservation) throw problem('not-found');
    return reservation;
  }
}

function isSame({ items }: ReservationWithItems, asked: ReservationItemRequest[]): boolean {
  const quantities = new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  return (
    items.length === asked.length && asked.every((item) => quantities.get(item.productId) === item.quantity)
  );
}

function present({ orderId, status, items, expiresAt }: ReservationWithItems) {
  return {
    orderId,
    status,
    items: items.map(({ product, productId, quantity, priceMinor }) => ({
      productId,
      name: product.name,
      quantity,
      priceMinor,
    })),
    totalMinor: items.reduce((total, { quantity, priceMinor }) => total + quantity * priceMinor, 0),
    currency,
    ...(status === 'reserved' && { expiresAt: expiresAt.toISOString() }),
  };
}
