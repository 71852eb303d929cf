import { html } from 'ghtml';
import type { Notice } from '../html/notice.ts';
import type { Order } from '../peers/order.ts';

type Outcome = Pick<Order, 'status' | 'cancelReason'>;

const LABELS = {
  confirmed: { tone: 'good', label: 'Confirmed' },
  pending: { tone: 'warn', label: 'Being placed' },
  cancelled: { tone: 'bad', label: 'Cancelled' },
} as const;

/** Renders an order's status as a label. */
export function renderStatus({ status }: Outcome): string {
  const { tone, label } = LABELS[status];
  return html`<span class="status status-${tone}">${label}</span>`;
}

const WHY_CANCELLED = {
  'out-of-stock': 'There was not enough stock. Nothing was charged.',
  'unknown-product': 'One of its products is no longer sold. Nothing was charged.',
  'payment-declined': 'The payment was declined. Nothing was charged.',
  'price-changed': 'Its price changed before it was placed. Nothing was charged.',
  'not-payable': 'Its total cannot be paid. Nothing was charged.',
  customer: 'You cancelled it. Your payment is refunded.',
  expired: 'It could not be completed in time. Nothing was charged.',
};

/** Explains an order's outcome to the visitor. */
export function describeOutcome({ status, cancelReason }: Outcome): Notice {
  if (status === 'confirmed')
    return { tone: 'good', title: 'The order is confirmed', text: 'Paid and reserved for you.' };
  if (status === 'pending') {
    const title = cancelReason ? 'The order is being cancelled' : 'The order is being placed';
    return { tone: 'warn', title, text: 'Load this page again in a moment.' };
  }
  const text = cancelReason ? WHY_CANCELLED[cancelReason] : 'Nothing was charged.';
  return { tone: 'bad', title: 'The order was cancelled', text };
}
