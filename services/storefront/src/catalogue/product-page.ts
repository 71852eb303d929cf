import { html } from 'ghtml';
import { MAX_QUANTITY } from '../basket/basket.ts';
import { formatCategory, formatCount, formatMoney } from '../html/format.ts';
import { renderNotice } from '../html/notice.ts';
import { renderPicture } from '../html/picture.ts';
import type { Product } from '../peers/product.ts';
import { renderProductGrid } from './product-card.ts';
import { renderStock } from './stock.ts';

/** Renders a product's page. `inBasket` is its quantity in the basket; `isAdded` is true right after adding it. */
export function renderProduct(product: Product, inBasket: number, isAdded: boolean): string {
  const { id, name, description, category, priceMinor, currency, stock } = product;
  return html`
    <p class="trail"><a href="/shop/?category=${category}">${formatCategory(category)}</a></p>
    <article class="product">
      !${renderPicture(product)}
      <div class="stack">
        <h1>${name}</h1>
        <p>${description}</p>
        <p><span class="price money">${formatMoney(priceMinor, currency)}</span>!${renderStock(stock, 'long')}</p>
        !${isAdded ? renderNotice({ tone: 'good', title: 'Added to your basket' }) : ''}
        !${stock > 0 ? renderAddForm(id, Math.min(stock, MAX_QUANTITY)) : ''}
        !${inBasket > 0 ? html`<p>${formatCount(inBasket, 'item')} in your basket. <a href="/shop/basket">Go to the basket</a></p>` : ''}
      </div>
    </article>
    !${renderRecommendations(product)}`;
}

function renderAddForm(productId: string, most: number): string {
  return html`<form class="add-form" method="post" action="/shop/basket/add">
    <input type="hidden" name="productId" value="${productId}">
    <div class="field">
      <label for="quantity">Quantity</label>
      <input class="quantity" id="quantity" name="quantity" type="number" value="1" min="1" max="${most}" required>
    </div>
    <button class="button">Add to basket</button>
  </form>`;
}

function renderRecommendations({ recommendations = [], category }: Product): string {
  if (recommendations.length === 0) return '';
  const products = recommendations.map((recommendation) => ({ ...recommendation, category }));
  return html`<section class="recommendations stack" aria-labelledby="recommendations">
    <h2 id="recommendations">Goes well with it</h2>
    !${renderProductGrid(products, 'h3')}
  </section>`;
}
