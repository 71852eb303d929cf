import { html } from 'ghtml';
import type { Notice } from '../html/notice.ts';
import type { Order } from '../peers/order.ts';

type Outcome = Pick<Order, 'status' | 'cancelReason'>;

const LABELS = {
  confirmed: { tone: 'good', label: 'Confirmed' },
  pending: { tone: 'warn', label: 'Being placed' },
  cancelled: { tone: 'bad', label: 'Cancelled' },
} as const;

const CANCELLED = { tone: 'bad', title: 'The order was cancelled' } as const;

/** The order's status as a small label. */
export function renderStatus({ status }: Outcome): string {
  const { tone, label } = LABELS[status];
  return html`<span class="status status-${tone}">${label}</span>`;
}

/** The same in words, with what it means for the visitor. */
export function describeOutcome({ status, cancelReason }: Outcome): Notice {
  if (status === 'confirmed')
    return { tone: 'good', title: 'The order is confirmed', text: 'Paid and reserved for you.' };
  if (status === 'pending') {
    return { tone: 'warn', title: 'The order is being placed', text: 'Load this page again in a moment.' };
  }
  if (cancelReason === 'out-of-stock') {
    return { ...CANCELLED, text: 'Somebody was faster: it is out of stock. Nothing was charged.' };
  }
  if (cancelReason === 'payment-declined') {
    return {
      ...CANCELLED,
      text: 'The payment was declined. Nothing was charged, and your basket is as it was.',
    };
  }
  return { ...CANCELLED, text: 'Nothing was charged.' };
}
