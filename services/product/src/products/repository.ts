import type { PrismaClient, Product } from '../../generated/prisma/client.ts';

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
