import type { Invariant } from './invariant.ts';
import type { LedgerEntryRow, PaymentRow, ProviderRow, RefundRow, StoreState } from './store-state.ts';

/** Compares the payment service's three records: payments and refunds, the ledger, and the provider's log. */
export const LEDGER_INVARIANTS: Invariant[] = [
  {
    name: 'every ledger entry balances',
    group: 'ledger',
    findBroken({ state }) {
      const isBalanced = ({ postings }: LedgerEntryRow) =>
        postings.length > 1 && sum(postings.map(({ amountMinor }) => amountMinor)) === 0;
      return state.ledger.filter((entry) => !isBalanced(entry)).map(({ id }) => id);
    },
  },
  {
    name: 'the ledger has exactly the captures and refunds of the payments',
    group: 'ledger',
    findBroken: ({ state }) => findDifferent(expectedLedger(state), state.ledger.map(toEntryLine)),
  },
  {
    name: "the provider's log has exactly what the payments say",
    group: 'ledger',
    findBroken: ({ state }) => findDifferent(expectedLog(state), state.providerLog.map(toLogLine)),
  },
  {
    name: 'refunds add up to the refunded amount of their payment, and never exceed what was captured',
    group: 'ledger',
    findBroken({ state }) {
      const refunds = Map.groupBy(state.refunds, ({ paymentId }) => paymentId);
      const isBroken = ({ id, status, amountMinor, refundedMinor }: PaymentRow) => {
        const given = sum((refunds.get(id) ?? []).map((refund) => refund.amountMinor));
        return given !== refundedMinor || given > (status === 'captured' ? amountMinor : 0);
      };
      return state.payments.filter(isBroken).map(({ id }) => id);
    },
  },
  {
    name: 'captured amounts are refunded or retained, by the accounts of each currency',
    group: 'ledger',
    findBroken: ({ state }) => findUnevenCurrencies(state),
  },
];

function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

/** An entry of a record: the id to report, and everything that must agree, as text. */
interface Line {
  id: string;
  text: string;
}

/** Returns the ids of entries that one record has more often than the other. */
function findDifferent(expected: Line[], actual: Line[]): string[] {
  const surplus = new Map<string, { id: string; count: number }>();
  const add = ({ id, text }: Line, count: number) => {
    surplus.set(text, { id, count: (surplus.get(text)?.count ?? 0) + count });
  };
  for (const line of actual) add(line, 1);
  for (const line of expected) add(line, -1);
  return [...new Set([...surplus.values()].filter(({ count }) => count !== 0).map(({ id }) => id))];
}

function expectedLedger({ payments, refunds }: StoreState): Line[] {
  const currencies = new Map(payments.map(({ id, currency }) => [id, currency]));
  const captures = payments
    .filter(({ status }) => status === 'captured')
    .map(({ id, currency, amountMinor }) =>
      formatEntry({
        kind: 'capture',
        id,
        currency,
        debit: 'provider_receivable',
        credit: 'sales',
        amountMinor,
      }),
    );
  const refunded = refunds
    .filter(({ isCompleted }) => isCompleted)
    .map(({ id, paymentId, amountMinor }) => {
      const currency = currencies.get(paymentId) ?? 'unknown';
      const accounts = { debit: 'refunds', credit: 'provider_receivable' };
      return formatEntry({ kind: 'refund', id, currency, ...accounts, amountMinor });
    });
  return [...captures, ...refunded];
}

interface ExpectedEntry {
  kind: string;
  id: string;
  currency: string;
  debit: string;
  credit: string;
  amountMinor: number;
}

function formatEntry({ kind, id, currency, debit, credit, amountMinor }: ExpectedEntry): Line {
  const postings = [`${credit} ${-amountMinor}`, `${debit} ${amountMinor}`].sort();
  return { id, text: [kind, id, currency, ...postings].join(' ') };
}

function toEntryLine({ kind, reference, currency, postings }: LedgerEntryRow): Line {
  const sides = postings.map(({ account, amountMinor }) => `${account} ${amountMinor}`).sort();
  return { id: reference, text: [kind, reference, currency, ...sides].join(' ') };
}

function toLogLine(entry: Omit<ProviderRow, 'id'>): Line {
  const { reference, kind, paymentReference, amountMinor, declineCode } = entry;
  return { id: reference, text: [reference, kind, paymentReference, amountMinor, declineCode].join(' ') };
}

/** Returns the provider's log that the payments and refunds imply. */
function expectedLog({ payments, refunds }: StoreState): Line[] {
  return [...payments.flatMap(expectedSettlement), ...refunds.map(expectedRefund)].map(toLogLine);
}

function expectedSettlement({ id, status, amountMinor, declineCode }: PaymentRow): ProviderRow[] {
  const entry = { reference: id, paymentReference: null, amountMinor, declineCode: null };
  const authorisation = { ...entry, kind: 'authorisation' as const, declineCode };
  if (status === 'captured') return [authorisation, { ...entry, kind: 'capture' }];
  if (status === 'voided') return [authorisation, { ...entry, kind: 'void' }];
  return [authorisation];
}

function expectedRefund({ id, paymentId, amountMinor }: RefundRow): ProviderRow {
  return { reference: id, kind: 'refund', paymentReference: paymentId, amountMinor, declineCode: null };
}

function findUnevenCurrencies({ payments, refunds, ledger }: StoreState): string[] {
  const currencyOf = new Map(payments.map(({ id, currency }) => [id, currency]));
  const currencies = [...new Set([...payments, ...ledger].map(({ currency }) => currency))];
  return currencies.filter((currency) => {
    const captured = sum(
      payments
        .filter((payment) => payment.currency === currency && payment.status === 'captured')
        .map(({ amountMinor }) => amountMinor),
    );
    const refunded = sum(
      refunds
        .filter(({ paymentId, isCompleted }) => isCompleted && currencyOf.get(paymentId) === currency)
        .map(({ amountMinor }) => amountMinor),
    );
    const postings = ledger.filter((entry) => entry.currency === currency).flatMap((entry) => entry.postings);
    const balance = (account: string) =>
      sum(postings.filter((posting) => posting.account === account).map(({ amountMinor }) => amountMinor));
    const retained = balance('provider_receivable');
    return (
      captured !== refunded + retained || balance('sales') !== -captured || balance('refunds') !== refunded
    );
  });
}
