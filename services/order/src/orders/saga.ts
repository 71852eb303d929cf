import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PaymentPeer } from '../peers/payment.ts';
import type { ProductPeer } from '../peers/product.ts';
import {
  type CancelReason,
  getOrder,
  leaveOrder,
  moveOrder,
  type OrderWithItems,
  storePrices,
} from './repository.ts';

export interface OrderPeers {
  product: ProductPeer;
  payment: PaymentPeer;
}

/** What a step learnt: something to keep with the order, or why the order cannot go on. */
type Outcome = { keep?: { totalMinor?: number; paymentId?: string } } | { refused: CancelReason };

/**
 * A step may be done and undone any number of times without a second effect, because its peer knows it by the order's id. So
 * it does not matter whether an answer was lost, or a worker died, before the step was noted down.
 */
interface Step {
  do(order: OrderWithItems, peers: OrderPeers, database: PrismaClient): Promise<Outcome>;
  undo?(order: OrderWithItems, peers: OrderPeers): Promise<void>;
}

/** The saga: done from the first to the last, undone from the last to the first. */
const STEPS: Step[] = [
  {
    async do({ id, items }, { product }, database) {
      const wanted = items.map(({ productId, quantity }) => ({ productId, quantity }));
      const reservation = await product.reserve(id, wanted);
      if ('refused' in reservation) return reservation;
      if (!isPayable(reservation.totalMinor)) return { refused: 'not-payable' };
      await storePrices(database, reservation);
      return { keep: { totalMinor: reservation.totalMinor } };
    },
    undo: ({ id }, { product }) => product.release(id),
  },
  {
    async do(order, { payment }) {
      const authorised = await payment.authorise(paymentOf(order));
      return authorised ? { keep: { paymentId: authorised.id } } : { refused: 'payment-declined' };
    },
    async undo(order, { payment }) {
      // When the answer was lost, asking again is the way to learn what there is to give back. But not of a payment that is
      // known: once it was taken, payment keeps the key for a day only, and asking again would make another one.
      const id = order.paymentId ?? (await payment.authorise(paymentOf(order)))?.id;
      if (id) await payment.giveBack({ ...paymentOf(order), id });
    },
  },
  {
    async do({ id }, { product }) {
      await product.confirm(id);
      return {};
    },
  },
  {
    async do({ paymentId }, { payment }) {
      await payment.capture(paymentId as string);
      return {};
    },
  },
];

/** A payment is at least one minor unit and fits the databases' int4. */
function isPayable(totalMinor: number): boolean {
  return totalMinor >= 1 && totalMinor <= 2_147_483_647;
}

function paymentOf({ id, userId, totalMinor, currency, paymentToken }: OrderWithItems) {
  return { orderId: id, userId, amountMinor: totalMinor as number, currency, paymentToken };
}

/**
 * Takes a pending order to its end, confirmed or cancelled, noting down each step. No transaction is open across a call.
 *
 * @throws when a peer cannot be reached; the order stays pending where it is, and whoever finds it goes on from there
 */
export async function runSaga(database: PrismaClient, peers: OrderPeers, orderId: string): Promise<void> {
  for (;;) {
    const order = await getOrder(database, orderId);
    if (order.status !== 'pending') return;
    try {
      if (order.cancelReason === null) await goForward(database, peers, order);
      else await goBack(database, peers, order);
    } catch (error) {
      // An order that cannot be left is only found later; what went wrong before is what to tell.
      await leaveOrder(database, order).catch(() => {});
      throw error;
    }
  }
}

async function goForward(database: PrismaClient, peers: OrderPeers, order: OrderWithItems): Promise<void> {
  const step = STEPS[order.step];
  if (!step) return moveOrder(database, order, { status: 'confirmed' });
  const outcome = await step.do(order, peers, database);
  // What refused is undone as well: a request that was sent twice may still be on its way there.
  const learnt = 'refused' in outcome ? { cancelReason: outcome.refused } : outcome.keep;
  await moveOrder(database, order, { ...learnt, step: order.step + 1 });
}

async function goBack(database: PrismaClient, peers: OrderPeers, order: OrderWithItems): Promise<void> {
  if (order.step === 0) return moveOrder(database, order, { status: 'cancelled' });
  await STEPS[order.step - 1]?.undo?.(order, peers);
  await moveOrder(database, order, { step: order.step - 1 });
}
