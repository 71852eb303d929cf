import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from '@meshmart/database/read-only';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import type { DatabaseUrls } from './store-state.ts';

const POLL_INTERVAL_MS = 250;
/**
 * A request between two services may be in neither database, so the store must be quiescent for this long.
 */
const STABLE_MS = 1000;

interface Quiescence {
  /** False when something was still in progress at the timeout. */
  isQuiescent: boolean;
  afterMs: number;
}

interface QuiescenceOptions {
  /** `Date.now()` at the end of the load and of all faults. */
  since: number;
  /** Counted from `since`. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Waits until nothing is in progress: no pending order, no reserved stock, no open payment or refund.
 *
 * @throws an Error when a database cannot be reached, or `signal` is aborted
 */
export async function waitForQuiescence(
  { order, product, payment }: DatabaseUrls,
  { since, timeoutMs, signal }: QuiescenceOptions,
): Promise<Quiescence> {
  await using orders = await openReader(order);
  await using stock = await openReader(product);
  await using money = await openReader(payment);
  let quiescentSince: number | undefined;
  for (;;) {
    const found = [orders.query(PENDING), stock.query(RESERVED), money.query(OPEN)];
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
