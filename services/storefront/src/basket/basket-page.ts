import { html } from 'ghtml';
import { formatCount, formatMoney } from '../html/format.ts';
import { renderNotice } from '../html/notice.ts';
import { renderPicture } from '../html/picture.ts';
import { countUnits, MAX_LINES, MAX_QUANTITY } from './basket.ts';
import type { BasketLine, PricedBasket } from './price-basket.ts';

/** Renders the basket. `isFull` explains why the last product was not added. */
export function renderBasket(basket: PricedBasket, isFull: boolean): string {
  if (basket.lines.length === 0) return renderEmptyBasket();
  const { lines, totalMinor, currency, isOrderable } = basket;
  const full = {
    tone: 'warn',
    title: `A basket holds ${MAX_LINES} different products`,
    text: 'Remove one first.',
  } as const;
  return html`<div class="stack">
    <h1>Basket</h1>
    !${isFull ? renderNotice(full) : ''}
    <div class="beside">
      <ul class="panel lines">!${lines.map(renderLine)}</ul>
      <section class="panel stack" aria-label="Sum">
        <dl class="sums">
          <dt class="total">Total, ${formatCount(countUnits(basket), 'item')}</dt>
          <dd class="total money">${formatMoney(totalMinor, currency)}</dd>
        </dl>
        !${
          isOrderable
            ? html`<p class="actions"><a class="button" href="/shop/checkout">Go to checkout</a></p>`
            : renderNotice({
                tone: 'warn',
                title: 'Some products are not available',
                text: 'Change the marked lines first.',
              })
        }
        <p><a href="/shop/">Continue shopping</a></p>
      </section>
    </div>
  </div>`;
}

function renderEmptyBasket(): string {
  return html`<div class="stack">
    <h1>Basket</h1>
    <div class="panel stack medium"><p>There is nothing in it yet.</p><p><a class="button" href="/shop/">See the catalogue</a></p></div>
  </div>`;
}

function renderLine({ productId, quantity, product }: BasketLine): string {
  if (!product) {
    return html`<li><span></span><p class="line-text stock-none">A product that is no longer sold</p><span></span>
      <div class="line-forms">!${renderRemoveForm(productId, 'the product that is no longer sold')}</div></li>`;
  }
  const { name, priceMinor, currency, stock } = product;
  return html`<li>
    !${renderPicture(product)}
    <div class="line-text">
      <a class="line-name" href="/shop/products/${productId}">${name}</a>
      <p class="hint"><span class="money">${formatMoney(priceMinor, currency)}</span> each</p>
      !${stock < quantity ? html`<p class="stock stock-none">${stock === 0 ? 'Sold out' : `Only ${stock} left`}</p>` : ''}
    </div>
    <span class="money">${formatMoney(priceMinor * quantity, currency)}</span>
    <div class="line-forms">
      <form method="post" action="/shop/basket/change">
        <input type="hidden" name="productId" value="${productId}">
        <label class="hidden-visually" for="quantity-${productId}">Quantity of ${name}</label>
        <input class="quantity" id="quantity-${productId}" name="quantity" type="number" value="${quantity}" min="0" max="${MAX_QUANTITY}" required>
        <button class="button-link">Change<span class="hidden-visually"> the quantity of ${name}</span></button>
      </form>
      !${renderRemoveForm(productId, name)}
    </div>
  </li>`;
}

function renderRemoveForm(productId: string, name: string): string {
  return html`<form method="post" action="/shop/basket/change">
    <input type="hidden" name="productId" value="${productId}">
    <input type="hidden" name="quantity" value="0">
    <button class="button-link">Remove<span class="hidden-visually"> ${name}</span></button>
  </form>`;
}
