import type { ClientOrder } from './client-log.ts';
import type { StoreState } from './store-state.ts';

/** What the checker looks at when the store has come to rest. */
export interface Evidence {
  state: StoreState;
  clientOrders: ClientOrder[];
  /** By product, before the load: what lay on the shelf and what orders held of it. */
  unitsBefore: Map<string, number>;
}

/** One line of an experiment's outcome may sum up several invariants. */
export type InvariantGroup = 'orders' | 'ends' | 'stock' | 'charges' | 'books';

export interface Invariant {
  /** What must hold, as a sentence. */
  name: string;
  group: InvariantGroup;
  /** @returns the ids of whatever breaks it, each of them once */
  findBroken(evidence: Evidence): string[];
}

/** The same text for the same items in any order. */
export function formatItems(items: { productId: string; quantity: number }[]): string {
  return items
    .map(({ productId, quantity }) => `${productId} ${quantity}`)
    .sort()
    .join(', ');
}

/** What an order is recognised by without its key, which a service that forgets keys would not have stored. */
export function orderFingerprint({
  userId,
  paymentToken,
  items,
}: Pick<ClientOrder, 'userId' | 'paymentToken' | 'items'>): string {
  return `${userId} ${paymentToken} ${formatItems(items)}`;
}
