import type { App } from '@meshmart/service/app';
import { optional } from '@meshmart/service/optional';
import { commonProblem } from '@meshmart/service/problems';
import { Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { findQuantity, readBasket } from '../basket/basket.ts';
import { sendPage } from '../html/send-page.ts';
import type { ProductPeer } from '../peers/product.ts';
import { describeSearch, renderCatalogue } from './catalogue-page.ts';
import { renderProduct } from './product-page.ts';

/** Fills rows of two, three, four and six columns. */
const PAGE_SIZE = 24;

const CatalogueQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 100 })),
  category: Type.Optional(Type.String({ maxLength: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
});
const ProductParams = Type.Object({ productId: Uuid });
const ProductQuery = Type.Object({ added: Type.Optional(Type.Literal('1')) });

const config = { access: 'anonymous' as const };

/** Registers the catalogue and the product pages. The catalogue is also shown if the categories cannot be read. */
export async function catalogueRoutes(app: App, { products }: { products: ProductPeer }) {
  // With and without the slash, since the router distinguishes them.
  for (const url of ['', '/']) {
    const options = {
      config,
      prefixTrailingSlash: 'slash',
      schema: { hide: true, querystring: CatalogueQuery },
    } as const;
    app.get(url, options, async (request, reply) => {
      const { q, category, cursor } = request.query; // no other parameters
      const search = dropEmpty({ q, category, cursor });
      const [{ page, servedBy }, categories] = await Promise.all([
        products.listProducts({ limit: PAGE_SIZE, ...search }),
        optional(products.listCategories(), { log: request.log, name: 'categories' }),
      ]);
      return sendPage(request, reply, {
        title: describeSearch(search),
        section: 'shop',
        catalogueBy: servedBy,
        main: renderCatalogue(page, categories ?? [], search),
      });
    });
  }

  app.get(
    '/products/:productId',
    { config, schema: { hide: true, params: ProductParams, querystring: ProductQuery } },
    async (request, reply) => {
      const { productId } = request.params;
      const { product, servedBy } = await products.findProduct(productId);
      if (!product) throw commonProblem('not-found');
      const inBasket = findQuantity(readBasket(request), productId);
      return sendPage(request, reply, {
        title: product.name,
        section: 'shop',
        catalogueBy: servedBy,
        main: renderProduct(product, inBasket, request.query.added === '1'),
      });
    },
  );
}

/** Removes empty fields, which forms send too. */
function dropEmpty<T extends Record<string, string | undefined>>(query: T): Partial<T> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value?.trim())) as Partial<T>;
}
