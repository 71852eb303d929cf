import type { Product, ProductPeer } from '../peers/product.ts';
import type { Lines } from './basket.ts';

export interface BasketLine {
  productId: string;
  quantity: number;
  /** null when it is no longer sold. */
  product: Product | null;
}

export interface PricedBasket {
  lines: BasketLine[];
  totalMinor: number;
  currency: string;
  /** Every line is still sold and in stock as often as it is wanted. */
  isOrderable: boolean;
  catalogueBy: string | null;
}

/** Looks up what is in the basket. The prices are today's; the ones that count are those of the order's reservation. */
export async function priceBasket(basket: Lines, products: ProductPeer): Promise<PricedBasket> {
  const found = await Promise.all(basket.map(({ productId }) => products.findProduct(productId)));
  const lines = basket.map((line, i) => ({ ...line, product: found[i]?.product ?? null }));
  const sold = lines.flatMap(({ product, quantity }) => (product ? [{ product, quantity }] : []));
  return {
    lines,
    totalMinor: sold.reduce((sum, { product, quantity }) => sum + product.priceMinor * quantity, 0),
    currency: sold[0]?.product.currency ?? 'EUR',
    isOrderable:
      lines.length > 0 && lines.every(({ product, quantity }) => quantity <= (product?.stock ?? 0)),
    catalogueBy: found[0]?.servedBy ?? null,
  };
}
