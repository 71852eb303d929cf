import { newId } from '@meshmart/service/ids';
import { Prisma, type PrismaClient, type Product } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

export interface ProductFilter {
  limit: number;
  ids?: string[];
  q?: string;
  category?: string;
  /** The sort key of the last row of the page before. */
  after?: { name: string; id: string };
}

/** The same expression as in the index for searches. */
const SEARCHED = Prisma.sql`lower(' ' || name || ' ' || description)`;

/** Products by name, one more than the limit when there is a next page. */
export async function findProducts(database: PrismaClient, filter: ProductFilter): Promise<Product[]> {
  const { limit, ids, q = '', category, after } = filter;
  const words = readWords(q);
  if (q.trim() && words.length === 0) return [];
  const conditions = [
    Prisma.sql`withdrawn_at IS NULL`,
    ...(ids ? [Prisma.sql`id = ANY (${ids}::uuid[])`] : []),
    ...(category ? [Prisma.sql`category = ${category}`] : []),
    ...words.map((word) => Prisma.sql`${SEARCHED} LIKE lower(${toPattern(word)} COLLATE "und-x-icu")`),
    ...(after ? [Prisma.sql`(name, id) > (${after.name}, ${after.id}::uuid)`] : []),
  ];
  return database.$queryRaw<Product[]>`
    SELECT id, slug, name, description, category, price_minor AS "priceMinor", stock, version FROM products
    WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY name, id LIMIT ${limit + 1}`;
}

/** The words of a search. The index knows letters and digits alone, so that a word without any would read all products. */
function readWords(q: string): string[] {
  return q.split(/\s+/).filter((word) => /[\p{L}\p{Nd}]/u.test(word));
}

/** The index knows three characters at a time, so that a shorter word is found only at the beginning of another. */
function toPattern(word: string): string {
  const literal = word.replace(/[\\%_]/g, '\\$&');
  return [...word].length < 3 ? `% ${literal}%` : `%${literal}%`;
}

export function findProduct(database: PrismaClient, id: string): Promise<Product | null> {
  return database.product.findUnique({ where: { id, withdrawnAt: null } });
}

export type NewProduct = Pick<Product, 'slug' | 'name' | 'description' | 'category' | 'priceMinor' | 'stock'>;

/**
 * Adds a product. Its slug is its natural key, so that a repeated request adds no second one.
 *
 * @throws `slug-taken`, also when the product of that slug was withdrawn
 */
export async function addProduct(database: PrismaClient, product: NewProduct): Promise<Product> {
  const data = [{ id: newId(), ...product }];
  const [added] = await database.product.createManyAndReturn({ data, skipDuplicates: true });
  if (added) return added;
  const { id } = await database.product.findUniqueOrThrow({ where: { slug: product.slug } });
  throw problem('slug-taken', { detail: `product ${id}` });
}

/** A product, as long as it is in one of these versions. */
export interface ProductVersion {
  id: string;
  versions: number[] | 'any';
}

/** Withdraws a product: it is no longer listed or sold. @returns false when it is in no such version, or is gone */
export async function withdrawProduct(
  database: PrismaClient,
  { id, versions }: ProductVersion,
): Promise<boolean> {
  const current = versions === 'any' ? Prisma.sql`true` : Prisma.sql`version = ANY (${versions}::int[])`;
  const withdrawn = await database.$executeRaw`
    UPDATE products SET withdrawn_at = now(), version = version + 1
    WHERE id = ${id}::uuid AND withdrawn_at IS NULL AND ${current}`;
  return withdrawn === 1;
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
 * Edits a product that is in one of `versions`. An edit of one version, repeated, finds another, so that a delivery is not
 * counted twice. Reservations keep the price that they were made at.
 *
 * @returns null when the product is in no such version, or is gone
 * @throws `stock-out-of-range`
 */
export async function editProduct(
  database: PrismaClient,
  { id, versions }: ProductVersion,
  { stockDelta = 0, ...fields }: ProductChange,
): Promise<Product | null> {
  const current = { id, withdrawnAt: null, ...(versions !== 'any' && { version: { in: versions } }) };
  const [edited] = await database.product.updateManyAndReturn({
    where: { ...current, stock: { gte: -stockDelta, lte: MAX_STOCK - stockDelta } },
    data: { ...fields, stock: { increment: stockDelta }, version: { increment: 1 } },
  });
  if (edited) return edited;
  if (await database.product.count({ where: current })) throw problem('stock-out-of-range');
  return null;
}

type Recommendation = Pick<Product, 'id' | 'slug' | 'name' | 'priceMinor'>;

/** Up to four others of the same category that can be had, the closest in price first: of the next dearer ones and the next cheaper. */
export function findRecommendations(database: PrismaClient, { id, category, priceMinor }: Product) {
  const columns = Prisma.sql`id, slug, name, price_minor`;
  const others = Prisma.sql`FROM products WHERE category = ${category} AND id <> ${id}::uuid AND stock > 0
    AND withdrawn_at IS NULL`;
  return database.$queryRaw<Recommendation[]>`
    SELECT id, slug, name, price_minor AS "priceMinor" FROM (
      (SELECT ${columns} ${others} AND price_minor >= ${priceMinor} ORDER BY price_minor, id LIMIT 4)
      UNION ALL
      (SELECT ${columns} ${others} AND price_minor < ${priceMinor} ORDER BY price_minor DESC, id DESC LIMIT 4)
    ) AS near ORDER BY abs(price_minor - ${priceMinor}), id LIMIT 4`;
}

export function countCategories(database: PrismaClient): Promise<{ category: string; count: number }[]> {
  return database.productCategory.findMany({ where: { count: { gt: 0 } }, orderBy: { category: 'asc' } });
}
