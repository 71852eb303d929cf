import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PaymentPeer } from '../peers/payment.ts';
import type { ProductPeer } from '../peers/product.ts';
import { endOrder, getOrder, storePrices } from './repository.ts';

export interface OrderPeers {
  product: ProductPeer;
  payment: PaymentPeer;
}

/**
 * Brings a pending order to its end: reserve the stock, authorise the payment, confirm the reservation, capture the money.
 * Every step may be repeated without a second effect, because its peer knows it by the order's id; so whoever finds a pending
 * order runs it from the start. No transaction is held open across a call.
 *
 * @throws when a peer cannot be reached; the order stays pending and is resumed
 */
export async function placeOrder(database: PrismaClient, peers: OrderPeers, orderId: string): Promise<void> {
  const { status, userId, paymentToken, currency, items } = await getOrder(database, orderId);
  if (status !== 'pending') return;

  const wanted = items.map(({ productId, quantity }) => ({ productId, quantity }));
  const reservation = await peers.product.reserve(orderId, wanted);
  if (!reservation) return endOrder(database, orderId, { status: 'cancelled', cancelReason: 'out-of-stock' });
  await storePrices(database, reservation);

  const amountMinor = reservation.totalMinor;
  const payment = await peers.payment.authorise({ orderId, userId, amountMinor, currency, paymentToken });
  if (payment.status === 'declined') {
    await peers.product.release(orderId);
    return endOrder(database, orderId, { status: 'cancelled', cancelReason: 'payment-declined' });
  }

  await peers.product.confirm(orderId);
  await peers.payment.capture(payment.id);
  await endOrder(database, orderId, { status: 'confirmed' });
}
