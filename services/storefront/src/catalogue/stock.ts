import { html } from 'ghtml';

const LOW = 5;

/** Renders the stock in words. A card (`short`) shows it only if it is low or zero. */
export function renderStock(stock: number, length: 'short' | 'long'): string {
  if (stock === 0) return html`<span class="stock stock-none">Sold out</span>`;
  if (stock <= LOW) return html`<span class="stock stock-low">Only ${stock} left</span>`;
  return length === 'long' ? html`<span class="stock">In stock: ${stock}</span>` : '';
}
