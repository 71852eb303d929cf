import type { paths } from '@meshmart/product/openapi';
import { createPeer, type PeerFetch } from '@meshmart/service/peers';
import { expectBody } from './expect-body.ts';

export type Product = paths['/products/{productId}']['get']['responses'][200]['content']['application/json'];
export type ProductPage = paths['/products']['get']['responses'][200]['content']['application/json'];
export type Category =
  paths['/products/categories']['get']['responses'][200]['content']['application/json']['items'][number];
export type ProductQuery = NonNullable<paths['/products']['get']['parameters']['query']>;

export type ProductPeer = ReturnType<typeof createProductPeer>;

/** Creates the client for the catalogue. `servedBy` is the version of product, such as `product/v2`. */
export function createProductPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const readServedBy = (response: Response) => response.headers.get('x-served-by');

  return {
    async listProducts(query: ProductQuery) {
      const result = await client.GET('/products', { params: { query } });
      return { page: expectBody(result), servedBy: readServedBy(result.response) };
    },

    async listCategories(): Promise<Category[]> {
      return expectBody(await client.GET('/products/categories')).items;
    },

    /** Finds products by id; unknown ids are ignored. */
    async findProducts(productIds: string[]) {
      const query = { ids: productIds.join(','), limit: productIds.length };
      const { page, servedBy } = await this.listProducts(query);
      return { products: page.items, servedBy };
    },

    /** Finds a product; null if it does not exist. */
    async findProduct(productId: string) {
      const result = await client.GET('/products/{productId}', { params: { path: { productId } } });
      const product = result.response.status === 404 ? null : expectBody(result);
      return { product, servedBy: readServedBy(result.response) };
    },
  };
}
