import { html } from 'ghtml';
import { countUnits, encodeLines, toLines } from '../basket/basket.ts';
import { formatCount, formatMoney, formatTime } from '../html/format.ts';
import { renderNotice } from '../html/notice.ts';
import type { Order } from '../peers/order.ts';
import { describeOutcome, renderStatus } from './order-status.ts';

/** Renders the list of orders, newest first. */
export function renderOrders({ items, nextCursor }: { items: Order[]; nextCursor: string | null }): string {
  if (items.length === 0) {
    return html`<div class="stack"><h1>Orders</h1>
      <div class="panel stack medium"><p>You have not ordered anything yet.</p><p><a class="button" href="/shop/">See the catalogue</a></p></div>
    </div>`;
  }
  return html`<div class="stack medium">
    <h1>Orders</h1>
    <ul class="panel order-list">!${items.map(renderOrderLine)}</ul>
    !${nextCursor ? html`<p><a class="button button-quiet" href="/shop/orders?${new URLSearchParams({ cursor: nextCursor })}">Older orders</a></p>` : ''}
  </div>`;
}

function renderOrderLine(order: Order): string {
  const { id, items, totalMinor, currency, createdAt } = order;
  return html`<li>
    <a href="/shop/orders/${id}"><time datetime="${createdAt}">${formatTime(createdAt)}</time></a>
    !${renderStatus(order)}
    <span class="hint">${describeItems(items)}</span>
    <span class="money">${formatAmount(totalMinor, currency)}</span>
  </li>`;
}

/** Returns `3 items: Breakfast Tea, Chisel Set`; without names before the stock is reserved. */
function describeItems(items: Order['items']): string {
  const names = items.flatMap(({ name }) => name ?? []);
  return [formatCount(countUnits({ lines: items }), 'item'), names.join(', ')].filter(Boolean).join(': ');
}

/** Formats an amount; `–` before the stock is reserved. */
function formatAmount(amountMinor: number | undefined, currency: string): string {
  return amountMinor === undefined ? '–' : formatMoney(amountMinor, currency);
}

/** Renders an order, with a form to cancel it or, once it is cancelled, to put its items back into the basket. */
export function renderOrder(order: Order): string {
  const { id, items, status, cancelReason, totalMinor, currency, createdAt } = order;
  return html`<div class="stack medium">
    <h1>Order of <time datetime="${createdAt}">${formatTime(createdAt)}</time></h1>
    !${renderNotice(describeOutcome(order))}
    <section class="panel stack" aria-label="Ordered">
      <dl class="sums">
        !${items.map(
          ({ productId, name, quantity, priceMinor }) => html`
          <dt>${quantity} × <a href="/shop/products/${productId}">${name ?? 'Product'}</a></dt>
          <dd class="money">${formatAmount(priceMinor && priceMinor * quantity, currency)}</dd>`,
        )}
        <dt class="total">Total</dt><dd class="total money">${formatAmount(totalMinor, currency)}</dd>
      </dl>
      <p class="hint">Order number <code>${id}</code></p>
    </section>
    !${cancelReason ? '' : html`<form method="post" action="/shop/orders/${id}/cancel"><button class="button button-quiet" type="submit">Cancel this order</button></form>`}
    !${
      status === 'cancelled'
        ? html`<form method="post" action="/shop/basket/restore">
      <input type="hidden" name="lines" value="${encodeLines(toLines(items))}">
      <button class="button">Put these back into the basket</button>
    </form>`
        : ''
    }
    <p class="actions">
      <a class="button button-quiet" href="/shop/orders">All orders</a>
      <a class="button button-quiet" href="/shop/">Continue shopping</a>
    </p>
  </div>`;
}
