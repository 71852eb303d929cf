import { newId } from '@meshmart/service/ids';
import { type LedgerAccount, type LedgerEntryKind, Prisma } from '../../generated/prisma/client.ts';

/** The accounts that each kind of entry debits and credits. An authorisation moves no money and has no entry. */
const ACCOUNTS: Record<LedgerEntryKind, { debit: LedgerAccount; credit: LedgerAccount }> = {
  capture: { debit: 'provider_receivable', credit: 'sales' },
  refund: { debit: 'refunds', credit: 'provider_receivable' },
};

/**
 * Returns the CTEs that post one movement of money to the ledger, for the statement that stores the new status. That statement needs
 * a CTE `moved` with the `id` of the payment or refund, `amount_minor` and `currency`, or no row if nothing moved. The
 * database refuses entries that do not balance, and a second entry of the same kind and reference.
 */
export function postEntry(kind: LedgerEntryKind): Prisma.Sql {
  const { debit, credit } = ACCOUNTS[kind];
  return Prisma.sql`
    entry AS (
      INSERT INTO ledger_entries (id, kind, reference, currency)
      SELECT ${newId()}::uuid, ${kind}::ledger_entry_kind, id, currency FROM moved
      RETURNING id
    ), postings AS (
      INSERT INTO ledger_postings (entry_id, account, amount_minor)
      SELECT entry.id, account::ledger_account, sign * amount_minor
      FROM entry, moved, (VALUES (${debit}, 1), (${credit}, -1)) AS sides (account, sign)
    )`;
}
