import { bookInvariants } from './book-invariants.ts';
import { cancelInvariants } from './cancel-invariants.ts';
import { chargeInvariants } from './charge-invariants.ts';
import type { Evidence, Invariant } from './invariant.ts';
import { orderInvariants } from './order-invariants.ts';
import { stockInvariants } from './stock-invariants.ts';

/** Everything that must be true of a store that has come to rest. */
export const invariants: Invariant[] = [
  ...orderInvariants,
  ...cancelInvariants,
  ...stockInvariants,
  ...chargeInvariants,
  ...bookInvariants,
];

/** An invariant that does not hold, with what breaks it. */
export interface Finding extends Pick<Invariant, 'name' | 'group'> {
  ids: string[];
}

/** @returns one finding for each invariant that does not hold */
export function findViolations(evidence: Evidence): Finding[] {
  return invariants
    .map(({ name, group, findBroken }) => ({ name, group, ids: findBroken(evidence) }))
    .filter(({ ids }) => ids.length > 0);
}
