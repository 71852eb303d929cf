import { setTimeout as sleep } from 'node:timers/promises';
import { openReader, type Query } from '@meshmart/database/read-only';

/** Enough for 100,000 reads in 500 s. */
const READS_PER_S = 220;
/**
 * Reads per audit. Most reads check the balance alone, because adding up every account of a long ledger is
 * slow.
 */
const READS_PER_AUDIT = 20;

interface LedgerReads {
  count: number;
  unbalanced: number;
}

interface LedgerWatch {
  /** Ends the watch. @throws an Error when the ledger could not be read */
  stop(): Promise<LedgerReads>;
}

/**
 * Reads the ledger repeatedly while the store works, like Jepsen's bank test. Each read is one snapshot, in which
 * all postings must add up to zero. Every twentieth read also checks each entry, and compares the accounts with
 * the payments: captured amounts are refunded or retained.
 */
export function watchLedger(paymentUrl: string): LedgerWatch {
  const ending = new AbortController();
  const reading = readUntil(ending.signal, paymentUrl);
  reading.catch(() => {}); // reported by stop
  return {
    stop() {
      ending.abort();
      return reading;
    },
  };
}

async function readUntil(end: AbortSignal, paymentUrl: string): Promise<LedgerReads> {
  await using ledger = await openReader(paymentUrl);
  const startedAt = Date.now();
  const reads = { count: 0, unbalanced: 0 };
  while (!end.aborted) {
    const isAudit = reads.count % READS_PER_AUDIT === 0;
    const isRight = isAudit ? await audit(ledger.query) : await isBalanced(ledger.query);
    reads.count++;
    if (!isRight) reads.unbalanced++;
    const aheadMs = startedAt + (reads.count / READS_PER_S) * 1000 - Date.now();
    if (aheadMs > 0) await sleep(aheadMs);
  }
  return reads;
}

async function isBalanced(query: Query): Promise<boolean> {
  const [ledger] = await query<{ balance: number }>(
    'SELECT coalesce(sum(amount_minor), 0)::float8 AS balance FROM ledger_postings',
  );
  return ledger?.balance === 0;
}

async function audit(query: Query): Promise<boolean> {
  const [ledger] = await query<{ isRight: boolean }>(AUDIT);
  return ledger?.isRight === true;
}

/** A single statement, and therefore a single snapshot. */
const AUDIT = `
  WITH accounts AS (
    SELECT coalesce(sum(amount_minor) FILTER (WHERE account = 'sales'), 0) AS sales,
      coalesce(sum(amount_minor) FILTER (WHERE account = 'refunds'), 0) AS refunds,
      coalesce(sum(amount_minor) FILTER (WHERE account = 'provider_receivable'), 0) AS retained
    FROM ledger_postings),
  uneven AS (SELECT FROM ledger_postings GROUP BY entry_id HAVING sum(amount_minor) <> 0 OR count(*) < 2),
  captured AS (SELECT coalesce(sum(amount_minor), 0) AS total FROM payments WHERE status = 'captured'),
  refunded AS (SELECT coalesce(sum(amount_minor), 0) AS total FROM refunds WHERE completed_at IS NOT NULL)
  SELECT NOT EXISTS (SELECT FROM uneven) AND sales = -captured.total AND refunds = refunded.total
    AND captured.total = refunded.total + retained AS "isRight"
  FROM accounts, captured, refunded`;
