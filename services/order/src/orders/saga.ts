import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PaymentPeer } from '../peers/payment.ts';
import type { ProductPeer } from '../peers/product.ts';
import {
  type CancelReason,
  getOrder,
  type KeyedResponse,
  type OrderWithItems,
  type RecordedOrder,
  recordStep,
  releaseClaim,
  type StepName,
  type StepUpdate,
} from './repository.ts';

export interface OrderPeers {
  product: ProductPeer;
  payment: PaymentPeer;
}

/** A step's result: values to keep with the order, and the reason when the order cannot go on. */
type Outcome = Pick<StepUpdate, 'totalMinor' | 'paymentId' | 'prices'> & { refused?: CancelReason };

/**
 * A step may be done and undone any number of times without a second effect, because its peer knows it by the order's id. It
 * therefore does not matter whether a response was lost, or a worker died, before the step was recorded.
 */
interface Step {
  name: StepName;
  /**
   * Its end is recorded by itself; otherwise only together with the order's end. A record that `mayBeLost` in a crash of the
   * database is repaired by repeating the step, which ends in the same way.
   */
  recorded?: { mayBeLost: boolean };
  do(order: OrderWithItems, peers: OrderPeers): Promise<Outcome>;
  undo?(order: OrderWithItems, peers: OrderPeers): Promise<void>;
}

/** The saga: done from the first to the last, undone from the last to the first. */
const STEPS: Step[] = [
  {
    name: 'reserve-stock',
    recorded: { mayBeLost: true },
    async do({ id, items, agreedTotalMinor }, { product }) {
      const wanted = items.map(({ productId, quantity }) => ({ productId, quantity }));
      const reservation = await product.reserve(id, wanted);
      if ('refused' in reservation) return reservation;
      const { totalMinor, items: prices } = reservation;
      // A total beyond int4 cannot be stored either.
      if (!isPayable(totalMinor)) return { refused: 'not-payable' };
      const isAgreed = agreedTotalMinor === null || agreedTotalMinor === totalMinor;
      return { totalMinor, prices, ...(isAgreed ? {} : { refused: 'price-changed' }) };
    },
    undo: ({ id }, { product }) => product.release(id),
  },
  {
    name: 'authorise-payment',
    recorded: { mayBeLost: false }, // from here on the order only goes forward
    async do({ id, userId, totalMinor, currency, paymentToken }, { payment }) {
      const amountMinor = totalMinor as number;
      const authorised = await payment.authorise({
        orderId: id,
        userId,
        amountMinor,
        currency,
        paymentToken,
      });
      return authorised ? { paymentId: authorised.id } : { refused: 'payment-declined' };
    },
    undo: ({ id, userId }, { payment }) => payment.voidOrRefund({ orderId: id, userId }),
  },
  {
    name: 'confirm-stock',
    async do({ id }, { product }) {
      return (await product.confirm(id)) ? {} : { refused: 'expired' };
    },
  },
  {
    name: 'capture-payment',
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

/** Makes the response to the request that placed the order, to be stored together with the order's end. */
export type MakeResponse = (order: OrderWithItems) => KeyedResponse;

export interface SagaEnd {
  order: OrderWithItems;
  /** Whether this run has ended the order, and stored the response with it; otherwise another worker has. */
  isResponseStored: boolean;
}

/**
 * Takes a pending order to its end, confirmed or cancelled, and records its steps. No transaction is open across a call.
 *
 * @throws when a peer cannot be reached; the order stays pending where it is, and the next worker goes on from there
 */
export async function runSaga(
  database: PrismaClient,
  peers: OrderPeers,
  orderId: string,
  makeResponse?: MakeResponse,
): Promise<SagaEnd> {
  let order: OrderWithItems & Partial<RecordedOrder> = await getOrder(database, orderId);
  while (order.status === 'pending') {
    try {
      const advance = order.cancelReason === null ? goForward : compensate;
      order =
        (await advance({ database, peers, makeResponse }, order)) ?? (await getOrder(database, orderId));
    } catch (error) {
      // Without its release the order is only found later; the first error is the one to report.
      await releaseClaim(database, order).catch(() => {});
      throw error;
    }
  }
  return { order, isResponseStored: order.isResponseStored ?? false };
}

interface Worker {
  database: PrismaClient;
  peers: OrderPeers;
  makeResponse: MakeResponse | undefined;
}

/** Does steps up to one that is recorded, or to the end. @returns null when another worker was faster */
async function goForward(worker: Worker, order: OrderWithItems): Promise<RecordedOrder | null> {
  for (const step of STEPS.slice(indexOf(order.sagaStep) + 1)) {
    const { refused, ...learnt } = await step.do(order, worker.peers);
    if (refused) return recordStep(worker.database, order, { ...learnt, cancelReason: refused });
    if (step.recorded) {
      return recordStep(worker.database, order, { ...learnt, sagaStep: step.name }, step.recorded);
    }
  }
  return end(worker, order, { status: 'confirmed', sagaStep: 'capture-payment' });
}

/** Undoes the steps that may have begun. @returns null when another worker was faster */
async function compensate(worker: Worker, order: OrderWithItems): Promise<RecordedOrder | null> {
  for (const step of listBegun(order).toReversed()) await step.undo?.(order, worker.peers);
  return end(worker, order, { status: 'cancelled' });
}

/**
 * Lists the finished steps and the one after them: a request that was refused may have been sent twice and still be on its way.
 * After a record that a crash of the database has undone it is one more, unless the first step has refused the order and no
 * other worker has ever had it.
 */
function listBegun({ sagaStep, cancelReason, attempts }: OrderWithItems): Step[] {
  const next = STEPS[indexOf(sagaStep) + 1];
  const isRefused = cancelReason !== 'customer' && cancelReason !== 'expired' && attempts === 0;
  const lost = next?.recorded?.mayBeLost && !isRefused ? 1 : 0;
  return STEPS.slice(0, indexOf(sagaStep) + 2 + lost);
}

function end({ database, makeResponse }: Worker, order: OrderWithItems, update: StepUpdate) {
  const response = makeResponse?.({ ...order, ...update, items: order.items } as OrderWithItems);
  return recordStep(database, order, update, { response });
}

/** @returns -1 before the first step */
function indexOf(name: string | null): number {
  return STEPS.findIndex((step) => step.name === name);
}
