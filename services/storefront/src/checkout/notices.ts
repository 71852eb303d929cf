import type { Notice } from '../html/notice.ts';
import type { Refusal } from './place-order.ts';

/** When no response came, nobody knows whether there is an order: the same key finds out. */
export const REFUSALS: Record<Refusal, { status: number; notice: Notice }> = {
  unanswered: {
    status: 503,
    notice: {
      tone: 'bad',
      title: 'No answer came in time',
      text: 'Pay again: if the order has been placed already, you will see that one, and nothing is charged twice.',
    },
  },
  'in-progress': {
    status: 409,
    notice: {
      tone: 'warn',
      title: 'This order is still being placed',
      text: 'Pay again in a moment to see it; nothing is charged twice.',
    },
  },
  'too-many-open': {
    status: 429,
    notice: {
      tone: 'warn',
      title: 'Your other orders are still being placed',
      text: 'Nothing was charged. Wait until one of them is confirmed, then pay again.',
    },
  },
};

export const PRICE_CHANGED: Notice = {
  tone: 'warn',
  title: 'The price has changed',
  text: 'Nothing was charged. The total is now another one: pay again only if you agree to it.',
};

export const TOO_OLD: Notice = {
  tone: 'warn',
  title: 'This form is too old',
  text: 'Nothing was charged now. Look into your orders first, in case it was sent before; paying now places a new order.',
};

export const ORDERED_ALREADY: Notice = {
  tone: 'good',
  title: 'An earlier order went through',
  text: 'It is among your orders. This is the rest of your basket.',
};
