import { html } from 'ghtml';
import { formatMoney } from '../html/format.ts';
import { renderPicture } from '../html/picture.ts';
import { renderStock } from './stock.ts';

interface CardProduct {
  id: string;
  slug: string;
  name: string;
  category: string;
  priceMinor: number;
  currency: string;
  stock?: number;
}

/** Renders products as a grid of cards; `heading` is their heading level on the page. */
export function renderProductGrid(products: CardProduct[], heading: 'h2' | 'h3'): string {
  return html`<ul class="product-grid">!${products.map((product) => renderCard(product, heading))}</ul>`;
}

function renderCard(product: CardProduct, heading: 'h2' | 'h3'): string {
  const { id, name, priceMinor, currency, stock } = product;
  return html`<li><article class="product-card">
    !${renderPicture(product)}
    <div class="product-card-text">
      <${heading}><a href="/shop/products/${id}">${name}</a></${heading}>
      <div class="product-card-foot">
        <span class="money">${formatMoney(priceMinor, currency)}</span>
        !${stock === undefined ? '' : renderStock(stock, 'short')}
      </div>
    </div>
  </article></li>`;
}
