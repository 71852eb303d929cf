import type { PrismaClient, Product } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

export interface ProductFilter {
  limit: number;
  q?: string;
  category?: string;
  /** The sort key of the last row of the page before. */
  after?: { name: string; id: string };
}

/** Products by name, one more than the limit when there is a next page. */
export function findProducts(database: PrismaClient, filter: ProductFilter): Promise<Product[]> {
  const { limit, q, category, after } = filter;
  // Prisma passes % and _ on as wildcards; here they are what was typed.
  const contains = { contains: q?.replace(/[\\%_]/g, '\\$&') ?? '', mode: 'insensitive' as const };
  return database.product.findMany({
    where: {
      AND: [
        category ? { category } : {},
        q ? { OR: [{ name: contains }, { description: contains }] } : {},
        after ? { OR: [{ name: { gt: after.name } }, { name: after.name, id: { gt: after.id } }] } : {},
      ],
    },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: limit + 1,
  });
}

export function findProduct(database: PrismaClient, id: string): Promise<Product | null> {
  return database.product.findUnique({ where: { id } });
}

export interface ProductChange {
  name?: string;
  description?: string;
  category?: string;
  priceMinor?: number;
  stockDelta?: number;
}

/** Leaves room below the end of int4 for what orders give back. */
const MAX_STOCK = 1_000_000_000;

/**
 * Edits a product, if nobody has since it was read in `version`. A repeated edit finds another version, so that a delivery is
 * not counted twice. Reservations keep the price that they were made at.
 *
 * @returns null when the product is not in that version any more, or is gone
 * @throws `stock-out-of-range`
 */
export async function editProduct(
  database: PrismaClient,
  { id, version }: Pick<Product, 'id' | 'version'>,
  { stockDelta = 0, ...fields }: ProductChange,
): Promise<Product | null> {
  const [edited] = await database.product.updateManyAndReturn({
    where: { id, version, stock: { gte: -stockDelta, lte: MAX_STOCK - stockDelta } },
    data: { ...fields, stock: { increment: stockDelta }, version: { increment: 1 } },
  });
  if (edited) return edited;
  if (await database.product.count({ where: { id, version } })) throw problem('stock-out-of-range');
  return null;
}

/** Up to four others of the same category that can be had, the closest in price first. */
export function findRecommendations(database: PrismaClient, { id, category, priceMinor }: Product) {
  return database.$queryRaw<Pick<Product, 'id' | 'slug' | 'name' | 'priceMinor'>[]>`
    SELECT id, slug, name, price_minor AS "priceMinor" FROM products
    WHERE category = ${category} AND id <> ${id}::uuid AND stock > 0
    ORDER BY abs(price_minor - ${priceMinor}), id LIMIT 4`;
}

export async function countCategories(
  database: PrismaClient,
): Promise<{ category: string; count: number }[]> {
  const groups = await database.product.groupBy({
    by: 'category',
    _count: true,
    orderBy: { category: 'asc' },
  });
  return groups.map(({ category, _count }) => ({ category, count: _count }));
}
