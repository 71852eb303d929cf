import type { paths } from '@meshmart/product/openapi';
import { createPeer, type PeerFetch } from '@meshmart/service/peers';
import { expectBody } from './expect-body.ts';

export type Product = paths['/products/{productId}']['get']['responses'][200]['content']['application/json'];
export type ProductPage = paths['/products']['get']['responses'][200]['content']['application/json'];
export type Category =
  paths['/products/categories']['get']['responses'][200]['content']['application/json']['items'][number];
export type ProductQuery = NonNullable<paths['/products']['get']['parameters']['query']>;

export type ProductPeer = ReturnType<typeof createProductPeer>;

/** The catalogue. What answers also says which version of product it was: `product/v2`. */
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

    /** Those of these products that exist. */
    async findProducts(productIds: string[]) {
      const query = { ids: productIds.join(','), limit: productIds.length };
      const { page, servedBy } = await this.listProducts(query);
      return { products: page.items, servedBy };
    },

    /** The product, or null when there is none with this id. */
    async findProduct(productId: string) {
      const result = await client.GET('/products/{productId}', { params: { path: { productId } } });
      const product = result.response.status === 404 ? null : expectBody(result);
      return { product, servedBy: readServedBy(result.response) };
    },
  };
}
