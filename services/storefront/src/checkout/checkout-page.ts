import { TEST_CARDS } from '@meshmart/service/test-cards';
import { html } from 'ghtml';
import { encodeLines } from '../basket/basket.ts';
import type { PricedBasket } from '../basket/price-basket.ts';
import { formatMoney } from '../html/format.ts';
import { type Notice, renderNotice } from '../html/notice.ts';

interface Checkout {
  basket: PricedBasket;
  /** The basket's id, so that every submission finds the same order. */
  idempotencyKey: string;
  chosenToken?: string;
  notice?: Notice;
}

interface Card {
  token: string;
  name: string;
  meaning: string;
  isChosen: boolean;
}

/** Renders the checkout form. The button states the total that the visitor agrees to. */
export function renderCheckout({
  basket,
  idempotencyKey,
  chosenToken = 'tok_approved',
  notice,
}: Checkout): string {
  const items = basket.lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const total = formatMoney(basket.totalMinor, basket.currency);
  return html`<div class="stack">
    <h1>Checkout</h1>
    !${renderNotice(notice)}
    <form class="beside" method="post" action="/shop/checkout">
      <input type="hidden" name="idempotencyKey" value="${idempotencyKey}">
      <input type="hidden" name="expectedTotalMinor" value="${basket.totalMinor}">
      <input type="hidden" name="basket" value="${encodeLines(items)}">
      <div class="panel">
        <fieldset class="choices">
          <legend>Pay with a test card</legend>
          !${Object.entries(TEST_CARDS).map(([token, card]) => renderCard({ token, ...card, isChosen: token === chosenToken }))}
        </fieldset>
      </div>
      <section class="panel stack" aria-labelledby="summary">
        <h2 id="summary">Your order</h2>
        <dl class="sums">
          !${basket.lines.map(
            ({ product, quantity }) => html`<dt>${quantity} × ${product?.name ?? 'No longer sold'}</dt>
            <dd class="money">${formatMoney((product?.priceMinor ?? 0) * quantity, basket.currency)}</dd>`,
          )}
          <dt class="total">Total</dt><dd class="total money">${total}</dd>
        </dl>
        <p class="actions"><button class="button">Pay ${total}</button> <a href="/shop/basket">Back to the basket</a></p>
      </section>
    </form>
  </div>`;
}

function renderCard({ token, name, meaning, isChosen }: Card): string {
  return html`<label class="choice">
    <input type="radio" name="paymentToken" value="${token}" required !${isChosen ? 'checked' : ''}>
    <span>${name} <code>${token}</code></span>
    <span class="hint">${meaning}</span>
  </label>`;
}
