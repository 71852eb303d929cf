import { CANCEL_INVARIANTS } from './cancel-invariants.ts';
import { CHARGE_INVARIANTS } from './charge-invariants.ts';
import type { Evidence, Invariant } from './invariant.ts';
import { LEDGER_INVARIANTS } from './ledger-invariants.ts';
import { ORDER_INVARIANTS } from './order-invariants.ts';
import { STOCK_INVARIANTS } from './stock-invariants.ts';

/** All invariants of a quiescent store. */
export const INVARIANTS: Invariant[] = [
  ...ORDER_INVARIANTS,
  ...CANCEL_INVARIANTS,
  ...STOCK_INVARIANTS,
  ...CHARGE_INVARIANTS,
  ...LEDGER_INVARIANTS,
];

/** A broken invariant, with the ids that break it. */
export interface Finding extends Pick<Invariant, 'name' | 'group'> {
  ids: string[];
}

/** Checks every invariant. @returns one finding for each broken one */
export function findViolations(evidence: Evidence): Finding[] {
  return INVARIANTS.map(({ name, group, findBroken }) => ({ name, group, ids: findBroken(evidence) })).filter(
    ({ ids }) => ids.length > 0,
  );
}
