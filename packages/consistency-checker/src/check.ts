import { BOOK_INVARIANTS } from './book-invariants.ts';
import { CANCEL_INVARIANTS } from './cancel-invariants.ts';
import { CHARGE_INVARIANTS } from './charge-invariants.ts';
import type { Evidence, Invariant } from './invariant.ts';
import { ORDER_INVARIANTS } from './order-invariants.ts';
import { STOCK_INVARIANTS } from './stock-invariants.ts';

/** Everything that must be true of a store that has come to rest. */
export const INVARIANTS: Invariant[] = [
  ...ORDER_INVARIANTS,
  ...CANCEL_INVARIANTS,
  ...STOCK_INVARIANTS,
  ...CHARGE_INVARIANTS,
  ...BOOK_INVARIANTS,
];

/** An invariant that does not hold, with what breaks it. */
export interface Finding extends Pick<Invariant, 'name' | 'group'> {
  ids: string[];
}

/** @returns one finding for each invariant that does not hold */
export function findViolations(evidence: Evidence): Finding[] {
  return INVARIANTS.map(({ name, group, findBroken }) => ({ name, group, ids: findBroken(evidence) })).filter(
    ({ ids }) => ids.length > 0,
  );
}
