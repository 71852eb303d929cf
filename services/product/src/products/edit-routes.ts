import type { App } from '@meshmart/service/app';
import { STORE_CURRENCY as currency } from '@meshmart/service/schemas';
import { problem } from '../problems.ts';
import { readIfMatch } from './if-match.ts';
import { editProduct, findProduct } from './repository.ts';
import { EditHeaders, ProductEdit, ProductParams, ProductSchema } from './schemas.ts';

/** What administrators change, each only as long as nobody else has changed it since they looked. */
export async function editRoutes(app: App) {
  app.patch(
    '/products/:productId',
    {
      config: {
        access: 'admin',
        problems: ['not-found', 'precondition-required', 'precondition-failed', 'stock-out-of-range'],
      },
      schema: {
        operationId: 'editProduct',
        summary: 'Edit a product',
        headers: EditHeaders,
        params: ProductParams,
        body: ProductEdit,
        response: { 200: ProductSchema },
      },
    },
    async ({ params, headers, body }) => {
      const id = params.productId;
      const versions = readIfMatch(headers['if-match']);
      const product = await editProduct(app.stockDatabase, { id, versions }, body);
      if (!product)
        throw problem((await findProduct(app.stockDatabase, id)) ? 'precondition-failed' : 'not-found');
      return { ...product, currency };
    },
  );
}
