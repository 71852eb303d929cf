import { newId } from '@meshmart/service/ids';
import { Prisma, type PrismaClient, type Product } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

interface ProductFilter {
  limit: number;
  ids?: string[];
  q?: string;
  category?: string;
  /** The sort key of the last row on the previous page. */
  after?: { name: string; id: string };
}

/** The expression of the search index. */
const SEARCHED = Prisma.sql`lower(' ' || name || ' ' || description)`;

/** Finds products, sorted by name. @returns one more than the limit if there is a next page */
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

/** Splits a search into words. Drops words without letters or digits, which the index cannot find. */
function readWords(q: string): string[] {
  return q.split(/\s+/).filter((word) => /[\p{L}\p{Nd}]/u.test(word));
}

/**
 * Returns the LIKE pattern of a word. The index has trigrams, so a shorter word is found only at a word's beginning.
 */
function toPattern(word: string): string {
  const literal = word.replace(/[\\%_]/g, '\\$&');
  return [...word].length < 3 ? `% ${literal}%` : `%${literal}%`;
}

/** Finds a product. @returns null if it does not exist or was withdrawn */
export function findProduct(database: PrismaClient, id: string): Promise<Product | null> {
  return database.product.findUnique({ where: { id, withdrawnAt: null } });
}

export type NewProduct = Pick<Product, 'slug' | 'name' | 'description' | 'category' | 'priceMinor' | 'stock'>;

/**
 * Adds a product. Its slug is the natural key, so that a retry adds no second one.
 *
 * @throws `slug-taken`, even if the product with that slug was withdrawn
 */
export async function addProduct(database: PrismaClient, product: NewProduct): Promise<Product> {
  const data = [{ id: newId(), ...product }];
  const [added] = await database.product.createManyAndReturn({ data, skipDuplicates: true });
  if (added) return added;
  const { id } = await database.product.findUniqueOrThrow({ where: { slug: product.slug } });
  throw problem('slug-taken', { detail: `product ${id}` });
}

/** A product in one of these versions. */
interface ProductVersion {
  id: string;
  versions: number[] | 'any';
}

/** Withdraws a product from lists and sale. @returns false if it is in another version or withdrawn */
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

interface ProductChange {
  name?: string;
  description?: string;
  category?: string;
  priceMinor?: number;
  stockDelta?: number;
}

/** Leaves room below the maximum of int4 for units that orders return. */
const MAX_STOCK = 1_000_000_000;

/**
 * Edits a product that is in one of `versions`, and increments its version: a repeated edit finds another version, so
 * that a delivery is not counted twice. Reservations keep their price.
 *
 * @returns null if the product is in another version or withdrawn
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

/** Finds up to four other products of the category that are in stock, closest in price first. */
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

/** Returns the categories with products on sale, and their number. A trigger keeps the counts up to date. */
export function countCategories(database: PrismaClient): Promise<{ category: string; count: number }[]> {
  return database.productCategory.findMany({ where: { count: { gt: 0 } }, orderBy: { category: 'asc' } });
}
