import type { Product, ProductPeer } from '../peers/product.ts';
import type { Lines } from './basket.ts';

export interface BasketLine {
  productId: string;
  quantity: number;
  /** null if it is no longer sold. */
  product: Product | null;
}

export interface PricedBasket {
  lines: BasketLine[];
  totalMinor: number;
  currency: string;
  /** Whether all products are sold and in stock. */
  isOrderable: boolean;
  catalogueBy: string | null;
}

/** Looks up a basket's products. The prices are today's; an order has those of its reservation. */
export async function priceBasket(basket: Lines, products: ProductPeer): Promise<PricedBasket> {
  const productIds = basket.map(({ productId }) => productId);
  const found =
    productIds.length > 0 ? await products.findProducts(productIds) : { products: [], servedBy: null };
  const byId = new Map(found.products.map((product) => [product.id, product]));
  const lines = basket.map((line) => ({ ...line, product: byId.get(line.productId) ?? null }));
  const sold = lines.flatMap(({ product, quantity }) => (product ? [{ product, quantity }] : []));
  return {
    lines,
    totalMinor: sold.reduce((sum, { product, quantity }) => sum + product.priceMinor * quantity, 0),
    currency: sold[0]?.product.currency ?? 'EUR',
    isOrderable:
      lines.length > 0 && lines.every(({ product, quantity }) => quantity <= (product?.stock ?? 0)),
    catalogueBy: found.servedBy,
  };
}
