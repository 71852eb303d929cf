import { html } from 'ghtml';

const LOW = 5;

/** How many are left, in words. On a card (`short`) only what is worth knowing there: that it is scarce or gone. */
export function renderStock(stock: number, length: 'short' | 'long'): string {
  if (stock === 0) return html`<span class="stock stock-none">Sold out</span>`;
  if (stock <= LOW) return html`<span class="stock stock-low">Only ${stock} left</span>`;
  return length === 'long' ? html`<span class="stock">In stock: ${stock}</span>` : '';
}
