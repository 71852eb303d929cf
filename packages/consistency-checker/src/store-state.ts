import { openReader, type Query } from '@meshmart/database/read-only';

/** The records of the services that the checker compares. Amounts are in minor units. */
export interface StoreState {
  orders: OrderRow[];
  reservations: ReservationRow[];
  products: { id: string; stock: number }[];
  payments: PaymentRow[];
  refunds: RefundRow[];
  ledger: LedgerEntryRow[];
  providerLog: ProviderRow[];
}

export interface OrderRow {
  id: string;
  userId: string;
  status: 'pending' | 'confirmed' | 'cancelled';
  cancelReason: string | null;
  paymentToken: string;
  totalMinor: number | null;
  /** The total in the request that the customer agreed to; null without one. */
  agreedTotalMinor: number | null;
  currency: string;
  items: { productId: string; quantity: number; priceMinor: number | null }[];
}

export interface ReservationRow {
  orderId: string;
  status: 'reserved' | 'confirmed' | 'released';
  items: { productId: string; quantity: number; priceMinor: number }[];
}

export interface PaymentRow {
  id: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  status: 'pending' | 'authorised' | 'captured' | 'declined' | 'voided';
  declineCode: string | null;
  refundedMinor: number;
}

export interface RefundRow {
  id: string;
  paymentId: string;
  amountMinor: number;
  isCompleted: boolean;
}

export interface LedgerEntryRow {
  id: string;
  kind: 'capture' | 'refund';
  /** The payment that was captured, or the refund. */
  reference: string;
  currency: string;
  postings: { account: 'provider_receivable' | 'sales' | 'refunds'; amountMinor: number }[];
}

export interface ProviderRow {
  /** The payment's id, or the refund's. */
  reference: string;
  kind: 'authorisation' | 'capture' | 'void' | 'refund';
  paymentReference: string | null;
  amountMinor: number;
  declineCode: string | null;
}

/** The URLs of the compared databases, each with the role of its own service. */
export interface DatabaseUrls {
  order: string;
  product: string;
  payment: string;
}

/**
 * Reads the three databases, each in one read-only snapshot. They agree only if the store is quiescent.
 *
 * @throws an Error when one cannot be read
 */
export async function readStoreState({ order, product, payment }: DatabaseUrls): Promise<StoreState> {
  const [orders, stock, money] = await Promise.all([
    readFrom(order, async (query) => ({ orders: await query<OrderRow>(ORDERS) })),
    readStock(product),
    readFrom(payment, async (query) => ({
      payments: await query<PaymentRow>(PAYMENTS),
      refunds: await query<RefundRow>(REFUNDS),
      ledger: await query<LedgerEntryRow>(LEDGER),
      providerLog: await query<ProviderRow>(PROVIDER_LOG),
    })),
  ]);
  return { ...orders, ...stock, ...money };
}

/** Reads the product service's part of the state. */
export function readStock(productUrl: string): Promise<Pick<StoreState, 'products' | 'reservations'>> {
  return readFrom(productUrl, async (query) => ({
    reservations: await query<ReservationRow>(RESERVATIONS),
    products: await query<StoreState['products'][number]>('SELECT id, stock FROM products'),
  }));
}

async function readFrom<T>(databaseUrl: string, read: (query: Query) => Promise<T>): Promise<T> {
  await using reader = await openReader(databaseUrl);
  return await reader.readSnapshot(read);
}

const ORDERS = `
  SELECT id, user_id AS "userId", status, cancel_reason AS "cancelReason", payment_token AS "paymentToken",
    total_minor AS "totalMinor", agreed_total_minor AS "agreedTotalMinor", currency, coalesce((
      SELECT json_agg(json_build_object('productId', product_id, 'quantity', quantity, 'priceMinor', price_minor))
      FROM order_items WHERE order_id = id), '[]') AS items
  FROM orders`;

const RESERVATIONS = `
  SELECT r.order_id AS "orderId", status, coalesce((
      SELECT json_agg(json_build_object('productId', product_id, 'quantity', quantity, 'priceMinor', price_minor))
      FROM reservation_items i WHERE i.order_id = r.order_id), '[]') AS items
  FROM reservations r`;

const PAYMENTS = `
  SELECT id, order_id AS "orderId", amount_minor AS "amountMinor", currency, status, decline_code AS "declineCode",
    refunded_minor AS "refundedMinor"
  FROM payments`;

const REFUNDS = `
  SELECT id, payment_id AS "paymentId", amount_minor AS "amountMinor", completed_at IS NOT NULL AS "isCompleted"
  FROM refunds`;

const LEDGER = `
  SELECT id, kind, reference, currency, coalesce((
      SELECT json_agg(json_build_object('account', account, 'amountMinor', amount_minor))
      FROM ledger_postings WHERE entry_id = id), '[]') AS postings
  FROM ledger_entries`;

const PROVIDER_LOG = `
  SELECT reference, kind, payment_reference AS "paymentReference", amount_minor AS "amountMinor",
    decline_code AS "declineCode"
  FROM provider_entries`;
