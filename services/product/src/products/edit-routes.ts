import type { App } from '@meshmart/service/app';
import { STORE_CURRENCY as currency } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { problem } from '../problems.ts';
import { readIfMatch } from './if-match.ts';
import { addProduct, editProduct, findProduct, withdrawProduct } from './repository.ts';
import { EditHeaders, NewProduct, ProductEdit, ProductParams, ProductSchema } from './schemas.ts';

const preconditionProblems = ['not-found', 'precondition-required', 'precondition-failed'] as const;

/** Registers the routes for administrators. An edit or withdrawal fails if the product was edited since it was read. */
export async function editRoutes(app: App) {
  app.post(
    '/products',
    {
      config: { access: 'admin', problems: ['slug-taken'], responseHeaders: ['location'] },
      schema: {
        operationId: 'addProduct',
        summary: 'Add a product',
        body: NewProduct,
        response: { 201: ProductSchema },
      },
    },
    async ({ body }, reply) => {
      const product = await addProduct(app.stockDatabase, body);
      reply.code(201).header('location', `/products/${product.id}`);
      return { ...product, currency };
    },
  );

  app.patch(
    '/products/:productId',
    {
      config: {
        access: 'admin',
        problems: [...preconditionProblems, 'stock-out-of-range'],
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
      if (!product) throw await explainMiss(id);
      return { ...product, currency };
    },
  );

  app.delete(
    '/products/:productId',
    {
      config: { access: 'admin', problems: preconditionProblems },
      schema: {
        operationId: 'withdrawProduct',
        summary: 'Withdraw a product',
        description: 'The product is no longer listed or sold. Earlier orders keep it.',
        headers: EditHeaders,
        params: ProductParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params: { productId: id }, headers }, reply) => {
      const versions = readIfMatch(headers['if-match']);
      if (!(await withdrawProduct(app.stockDatabase, { id, versions }))) throw await explainMiss(id);
      return reply.code(204).send(null);
    },
  );

  async function explainMiss(id: string) {
    return problem((await findProduct(app.stockDatabase, id)) ? 'precondition-failed' : 'not-found');
  }
}
