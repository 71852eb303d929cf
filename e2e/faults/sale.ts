import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseUrls } from '@meshmart/consistency-checker/store-state';
import { openReader } from '@meshmart/database/read-only';
import { changeStock, listProductIds } from '@meshmart/store-client/restock';

const readEveryMs = 20;

/** Sets the stock of `count` products to `units`, as an administrator. @returns their ids */
export async function stockProducts(
  gatewayUrl: string,
  { count, units, adminToken }: { count: number; units: number; adminToken: string },
): Promise<string[]> {
  const chosen = (await listProductIds(gatewayUrl)).slice(0, count);
  for (const id of chosen) await changeStock(`${gatewayUrl}/products/${id}`, adminToken, () => units);
  return chosen;
}

interface UnitsReads {
  count: number;
  /** States in which stock and reservations did not add up to `units`, or stock was negative. */
  wrong: Set<string>;
}

/** Reads stock and reservations of the products in one snapshot after the other, until `signal` is aborted. */
export async function watchUnits(
  { product }: Pick<DatabaseUrls, 'product'>,
  { ids, units, signal }: { ids: string[]; units: number; signal: AbortSignal },
): Promise<UnitsReads> {
  await using reader = await openReader(product);
  const reads: UnitsReads = { count: 0, wrong: new Set() };
  while (!signal.aborted) {
    const rows = await reader.query<{ text: string }>(`
      SELECT format('%s: %s on the shelf, %s held', p.id, p.stock, coalesce(h.held, 0)) AS text
      FROM products p LEFT JOIN (
        SELECT product_id, sum(quantity) AS held FROM reservation_items JOIN reservations USING (order_id)
        WHERE status <> 'released' GROUP BY product_id) h ON h.product_id = p.id
      WHERE p.id IN (${ids.map((id) => `'${id}'`).join()})
        AND (p.stock < 0 OR p.stock + coalesce(h.held, 0) <> ${units})`);
    reads.count++;
    for (const { text } of rows) reads.wrong.add(text);
    await sleep(readEveryMs);
  }
  return reads;
}

/** Counts the units of each product in confirmed orders. */
export async function countSold({ order }: Pick<DatabaseUrls, 'order'>): Promise<Map<string, number>> {
  await using reader = await openReader(order);
  const rows = await reader.query<{ id: string; sold: number }>(`
    SELECT product_id AS id, sum(quantity)::int AS sold FROM order_items JOIN orders ON orders.id = order_id
    WHERE status = 'confirmed' GROUP BY product_id`);
  return new Map(rows.map(({ id, sold }) => [id, sold]));
}
