import type { ClientOrder } from './client-log.ts';
import type { StoreState } from './store-state.ts';

/** The input of the checker, collected when the store is quiescent. */
export interface Evidence {
  state: StoreState;
  clientOrders: ClientOrder[];
  /** Units in stock and held by orders before the load, by product. */
  unitsBefore: Map<string, number>;
}

/** An experiment reports one number per group. */
export type InvariantGroup = 'orders' | 'ends' | 'stock' | 'charges' | 'ledger';

export interface Invariant {
  /** The statement that must be true. */
  name: string;
  group: InvariantGroup;
  /** Returns the ids that break it, each once. */
  findBroken(evidence: Evidence): string[];
}

/** Formats items; the same items in another order give the same text. */
export function formatItems(items: { productId: string; quantity: number }[]): string {
  return items
    .map(({ productId, quantity }) => `${productId} ${quantity}`)
    .sort()
    .join(', ');
}

/** Returns a text that identifies an order without its key, which a faulty service may not have stored. */
export function orderFingerprint({
  userId,
  paymentToken,
  items,
}: Pick<ClientOrder, 'userId' | 'paymentToken' | 'items'>): string {
  return `${userId} ${paymentToken} ${formatItems(items)}`;
}
