import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyBaseLogger } from 'fastify';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PaymentPeer } from '../peers/payment.ts';
import type { ProductPeer } from '../peers/product.ts';
import {
  getOrder,
  type KeyedResponse,
  type OrderWithItems,
  type RecordedOrder,
  recordStep,
  releaseClaim,
  type StepName,
  type StepUpdate,
} from './repository.ts';
import type { CancelReason } from './schemas.ts';

export interface OrderPeers {
  product: ProductPeer;
  payment: PaymentPeer;
}

const tracer = trace.getTracer('meshmart');

/** The result of a step: values to store with the order, and a cancel reason if the peer refused. */
type Outcome = Pick<StepUpdate, 'totalMinor' | 'paymentId' | 'prices'> & { refused?: CancelReason };

/**
 * `do` and `undo` are idempotent: the peer identifies them by the order's id. A lost response, or a worker that died
 * before it recorded the step, is therefore repaired by a repetition.
 */
interface Step {
  name: StepName;
  /**
   * Records the step as soon as it is done. Without it, the step is recorded together with the order's end. A database
   * crash may undo a record that `mayBeLost`; the step is then repeated, with the same outcome.
   */
  recorded?: { mayBeLost: boolean };
  do(order: OrderWithItems, peers: OrderPeers): Promise<Outcome>;
  undo?(order: OrderWithItems, peers: OrderPeers): Promise<void>;
}

/** The saga: `do` runs from first to last, `undo` from last to first. */
const STEPS: Step[] = [
  {
    name: 'reserve-stock',
    recorded: { mayBeLost: true },
    async do({ id, items, agreedTotalMinor }, { product }) {
      const wanted = items.map(({ productId, quantity }) => ({ productId, quantity }));
      const reservation = await product.reserve(id, wanted);
      if ('refused' in reservation) return reservation;
      const { totalMinor, items: prices } = reservation;
      // A total beyond int4 cannot be stored.
      if (!isPayable(totalMinor)) return { refused: 'not-payable' };
      const isAgreed = agreedTotalMinor === null || agreedTotalMinor === totalMinor;
      return { totalMinor, prices, ...(isAgreed ? {} : { refused: 'price-changed' }) };
    },
    undo: ({ id }, { product }) => product.release(id),
  },
  {
    name: 'authorise-payment',
    recorded: { mayBeLost: false }, // an order with this record no longer expires
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

/** Builds the response to the request that placed the order. It is stored together with the order's end. */
export type MakeResponse = (order: OrderWithItems) => KeyedResponse;

export interface SagaEnd {
  order: OrderWithItems;
  /** False when another worker ended the order. */
  isResponseStored: boolean;
}

export interface Worker {
  database: PrismaClient;
  peers: OrderPeers;
  log: FastifyBaseLogger;
}

/**
 * Runs a pending order to its end, confirmed or cancelled, from its last recorded step. No transaction is open across a
 * peer call. Logs the steps by name.
 *
 * @returns null when a peer or the database failed: the order stays pending, and the next worker resumes it
 */
export async function runSaga(
  worker: Worker,
  orderId: string,
  makeResponse?: MakeResponse,
): Promise<SagaEnd | null> {
  const run: Run = { ...worker, makeResponse, steps: [] };
  try {
    const end = await runToEnd(run, orderId);
    run.log.info({ orderId, status: end.order.status, steps: run.steps }, 'the saga has ended');
    return end;
  } catch (err) {
    run.log.warn({ err, orderId, step: run.steps.at(-1) }, 'the order stays pending and will be resumed');
    return null;
  }
}

/** The run of a saga by a worker. */
interface Run extends Worker {
  makeResponse: MakeResponse | undefined;
  /** Names of the steps that this run has begun, in order. */
  steps: string[];
}

async function runToEnd(run: Run, orderId: string): Promise<SagaEnd> {
  let order: OrderWithItems & Partial<RecordedOrder> = await getOrder(run.database, orderId);
  while (order.status === 'pending') {
    try {
      const advance = order.cancelReason === null ? goForward : compensate;
      order = (await advance(run, order)) ?? (await getOrder(run.database, orderId));
    } catch (error) {
      await releaseClaim(run.database, order).catch(() => {}); // then it is resumed a little later
      throw error;
    }
  }
  return { order, isResponseStored: order.isResponseStored ?? false };
}

/** Does steps up to one that is recorded, or to the end. @returns null when another worker was faster */
async function goForward(run: Run, order: OrderWithItems): Promise<RecordedOrder | null> {
  for (const { name, recorded, do: work } of stepsAfter(order.sagaStep)) {
    const { refused, ...learnt } = await perform(run, name, () => work(order, run.peers));
    if (refused) return recordStep(run.database, order, { ...learnt, cancelReason: refused });
    if (recorded) return recordStep(run.database, order, { ...learnt, sagaStep: name }, recorded);
  }
  return end(run, order, { status: 'confirmed', sagaStep: 'capture-payment' });
}

/** Undoes the steps that may have begun. @returns null when another worker was faster */
async function compensate(run: Run, order: OrderWithItems): Promise<RecordedOrder | null> {
  for (const { name, undo } of listBegun(order).toReversed()) {
    if (undo) await perform(run, `undo ${name}`, () => undo(order, run.peers));
  }
  return end(run, order, { status: 'cancelled' });
}

/** Runs a step in a span of its own. */
function perform<T>(run: Run, name: string, work: () => Promise<T>): Promise<T> {
  run.steps.push(name);
  return tracer.startActiveSpan(`saga ${name}`, { attributes: { 'meshmart.saga.step': name } }, (span) =>
    work()
      .catch((error) => {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      })
      .finally(() => span.end()),
  );
}

/**
 * Lists the recorded steps and the next one, since a copy of a refused request may still arrive. A database crash may
 * also have undone one record, so the step after that is added, unless the first step refused the order to its first
 * and only worker.
 */
function listBegun({ sagaStep, cancelReason, attempts }: OrderWithItems): Step[] {
  const remaining = stepsAfter(sagaStep);
  const [next, afterNext] = remaining;
  const isRefused = cancelReason !== 'customer' && cancelReason !== 'expired' && attempts === 0;
  const isRecordLost = next?.recorded?.mayBeLost && !isRefused;
  const begun = [next, isRecordLost ? afterNext : undefined];
  return STEPS.filter((step) => begun.includes(step) || !remaining.includes(step));
}

function stepsAfter(name: string | null): Step[] {
  return STEPS.slice(STEPS.findIndex((step) => step.name === name) + 1);
}

function end({ database, makeResponse }: Run, order: OrderWithItems, update: StepUpdate) {
  const response = makeResponse?.({ ...order, ...update, items: order.items } as OrderWithItems);
  return recordStep(database, order, update, { response });
}
