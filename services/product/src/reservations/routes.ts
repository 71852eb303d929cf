import type { App } from '@meshmart/service/app';
import { STORE_CURRENCY as currency } from '@meshmart/service/schemas';
import { problem } from '../problems.ts';
import {
  confirmReservation,
  findReservation,
  putReservation,
  type Reservation,
  type ReservationItemRequest,
  releaseReservation,
} from './repository.ts';
import { ReservationOutcome, ReservationParams, ReservationRequest, ReservationSchema } from './schemas.ts';

const config = { access: 'service' as const };
const response = { 200: ReservationSchema };
const outcome = { 200: ReservationOutcome };

/** Registers the routes for reservations. The key is the order's id, so that all calls are idempotent. */
export async function reservationRoutes(app: App, { lifetimeS }: { lifetimeS: number }) {
  app.put(
    '/reservations/:orderId',
    {
      config: { ...config, problems: ['unknown-product', 'out-of-stock', 'reservation-conflict'] },
      schema: {
        operationId: 'putReservation',
        summary: 'Reserve stock for an order',
        params: ReservationParams,
        body: ReservationRequest,
        response,
      },
    },
    async ({ params: { orderId }, body: { items } }) => {
      if (new Set(items.map(({ productId }) => productId)).size < items.length) {
        throw problem('invalid-request', {
          errors: [{ pointer: '/body/items', detail: 'must name each product once' }],
        });
      }
      const reservation = await putReservation(app.stockDatabase, { orderId, items, lifetimeS });
      // A retry must not mistake released units for reserved ones.
      if (!reservation.isStanding)
        throw problem('reservation-conflict', { detail: 'it was released or has expired' });
      if (!isSame(reservation, items)) throw problem('reservation-conflict', { detail: 'the items differ' });
      return toReservationResponse(reservation);
    },
  );

  app.get(
    '/reservations/:orderId',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'getReservation',
        summary: 'Read the reservation of an order',
        params: ReservationParams,
        response,
      },
    },
    async ({ params }) => toReservationResponse(await getReservation(params.orderId)),
  );

  app.post(
    '/reservations/:orderId/confirm',
    {
      config: { ...config, problems: ['not-found', 'reservation-conflict'] },
      schema: {
        operationId: 'confirmReservation',
        summary: 'Confirm the reservation of an order',
        params: ReservationParams,
        response: outcome,
      },
    },
    async ({ params: { orderId } }) => {
      if (await confirmReservation(app.stockDatabase, orderId))
        return { orderId, status: 'confirmed' as const };
      await getReservation(orderId);
      throw problem('reservation-conflict', { detail: 'it was released or has expired' });
    },
  );

  app.post(
    '/reservations/:orderId/release',
    {
      config,
      schema: {
        operationId: 'releaseReservation',
        summary: 'Release the reservation of an order',
        params: ReservationParams,
        response: outcome,
      },
    },
    async ({ params: { orderId } }) => {
      await releaseReservation(app.stockDatabase, orderId);
      return { orderId, status: 'released' as const };
    },
  );

  async function getReservation(orderId: string): Promise<Reservation> {
    const reservation = await findReservation(app.stockDatabase, orderId);
    if (!reservation) throw problem('not-found');
    return reservation;
  }
}

function isSame({ items }: Reservation, asked: ReservationItemRequest[]): boolean {
  const quantities = new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  return (
    items.length === asked.length && asked.every((item) => quantities.get(item.productId) === item.quantity)
  );
}

function toReservationResponse({ orderId, status, items, expiresAt }: Reservation) {
  return {
    orderId,
    status,
    items,
    totalMinor: items.reduce((total, { quantity, priceMinor }) => total + quantity * priceMinor, 0),
    currency,
    ...(status === 'reserved' && { expiresAt: expiresAt.toISOString() }),
  };
}
