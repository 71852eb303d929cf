import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from '@meshmart/database/read-only';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import type { DatabaseUrls } from './store-state.ts';

const POLL_INTERVAL_MS = 250;
/** What is in between two services just now may be in neither's database, so one look is not enough. */
const STABLE_MS = 1000;

export interface Quiescence {
  /** Whether the store became quiescent in time. What is left otherwise is stuck. */
  isQuiescent: boolean;
  afterMs: number;
}

export interface QuiescenceOptions {
  /** When the last that could keep it busy has ended: `Date.now()` of then. */
  since: number;
  /** From then on. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Waits until nothing is on its way any more: no order pending, no goods only reserved, no payment or refund without an end.
 *
 * @throws when a database cannot be reached, or `signal` is aborted
 */
export async function waitForQuiescence(
  { order, product, payment }: DatabaseUrls,
  { since, timeoutMs, signal }: QuiescenceOptions,
): Promise<Quiescence> {
  await using orders = await openReader(order);
  await using goods = await openReader(product);
  await using money = await openReader(payment);
  let quiescentSince: number | undefined;
  for (;;) {
    const found = [orders.query(PENDING), goods.query(RESERVED), money.query(OPEN)];
    const isQuiescent = (await Promise.all(found)).every((rows) => rows.length === 0);
    const now = Date.now();
    quiescentSince = isQuiescent ? (quiescentSince ?? now) : undefined;
    if (quiescentSince !== undefined && now - quiescentSince >= STABLE_MS) {
      return { isQuiescent: true, afterMs: Math.max(0, quiescentSince - since) };
    }
    if (now - since > timeoutMs) return { isQuiescent: false, afterMs: now - since };
    await sleep(POLL_INTERVAL_MS);
    throwIfInterrupted(signal);
  }
}

const PENDING = `SELECT FROM orders WHERE status = 'pending' LIMIT 1`;
const RESERVED = `SELECT FROM reservations WHERE status = 'reserved' LIMIT 1`;
const OPEN = `
  (SELECT FROM payments WHERE status IN ('pending', 'authorised') LIMIT 1)
  UNION ALL (SELECT FROM refunds WHERE completed_at IS NULL LIMIT 1)`;
