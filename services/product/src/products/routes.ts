import type { App } from '@meshmart/service/app';
import { decodeCursor, encodeCursor } from '@meshmart/service/cursor';
import { optional } from '@meshmart/service/optional';
import { STORE_CURRENCY as currency, DEFAULT_LIMIT, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { problem } from '../problems.ts';
import { countCategories, findProduct, findProducts, findRecommendations } from './repository.ts';
import { NotModified, RevalidationHeaders, revalidateReads } from './revalidation.ts';
import { CategoryList, Name, ProductPage, ProductParams, ProductQuery, ProductSchema } from './schemas.ts';

const config = { access: 'anonymous' as const, responseHeaders: ['etag', 'cache-control'] as const };

/** Registers the routes for reading the catalogue. Clients may cache its responses and revalidate them by ETag. */
export async function productRoutes(app: App, { withRecommendations }: { withRecommendations: boolean }) {
  revalidateReads(app);

  app.get(
    '/products',
    {
      config,
      schema: {
        operationId: 'listProducts',
        summary: 'List and search products by name',
        headers: RevalidationHeaders,
        querystring: ProductQuery,
        response: { 200: ProductPage, 304: NotModified },
      },
    },
    async ({ query: { limit = DEFAULT_LIMIT, cursor, ids, ...filter } }) => {
      const key = cursor ? decodeCursor(cursor, Type.Tuple([Name, Uuid])) : undefined;
      const after = key ? { after: { name: key[0], id: key[1] } } : {};
      const found = await findProducts(app.database, {
        limit,
        ...filter,
        ...(ids ? { ids: ids.split(',') } : {}),
        ...after,
      });
      const items = found.slice(0, limit).map((product) => ({ ...product, currency }));
      const last = items.at(-1);
      return { items, nextCursor: last && found.length > limit ? encodeCursor([last.name, last.id]) : null };
    },
  );

  app.get(
    '/products/categories',
    {
      config,
      schema: {
        operationId: 'listCategories',
        summary: 'List the categories with their number of products',
        headers: RevalidationHeaders,
        response: { 200: CategoryList, 304: NotModified },
      },
    },
    async () => ({ items: await countCategories(app.database) }),
  );

  app.get(
    '/products/:productId',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'getProduct',
        summary: 'Read a product',
        headers: RevalidationHeaders,
        params: ProductParams,
        response: { 200: ProductSchema, 304: NotModified },
      },
    },
    async ({ params, log }) => {
      const product = await findProduct(app.database, params.productId);
      if (!product) throw problem('not-found');
      if (!withRecommendations) return { ...product, currency };
      const others = await optional(findRecommendations(app.database, product), {
        log,
        name: 'recommendations',
      });
      if (!others) return { ...product, currency };
      return { ...product, currency, recommendations: others.map((other) => ({ ...other, currency })) };
    },
  );
}
