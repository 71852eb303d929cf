import { newId } from '@meshmart/service/ids';
import type { LedgerAccount, LedgerEntryKind, Prisma } from '../../generated/prisma/client.ts';

/** Which account each kind of entry debits and which it credits. An authorisation moves no money and has none. */
const ACCOUNTS: Record<LedgerEntryKind, { debit: LedgerAccount; credit: LedgerAccount }> = {
  capture: { debit: 'provider_receivable', credit: 'sales' },
  refund: { debit: 'refunds', credit: 'provider_receivable' },
};

/**
 * Books one movement of money, in the transaction of the status that it belongs to. The database refuses, at commit, what
 * does not balance, and a second entry of the same kind and reference.
 */
export async function bookEntry(
  tx: Prisma.TransactionClient,
  {
    amountMinor,
    ...entry
  }: Pick<Prisma.LedgerEntryCreateManyInput, 'kind' | 'reference' | 'currency'> & {
    amountMinor: number;
  },
): Promise<void> {
  const { debit, credit } = ACCOUNTS[entry.kind];
  const entryId = newId();
  await tx.ledgerEntry.create({ data: { id: entryId, ...entry } });
  await tx.ledgerPosting.createMany({
    data: [
      { entryId, account: debit, amountMinor },
      { entryId, account: credit, amountMinor: -amountMinor },
    ],
  });
}
