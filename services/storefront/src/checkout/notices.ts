import type { Notice } from '../html/notice.ts';
import type { Refusal } from './place-order.ts';

/** Without a response, it is unknown whether there is an order; a retry with the same key finds it. */
export const REFUSALS: Record<Refusal, { status: number; notice: Notice }> = {
  'no-response': {
    status: 503,
    notice: {
      tone: 'bad',
      title: 'This took too long',
      text: 'Pay again: if the order has already been placed, you will see it. You are never charged twice.',
    },
  },
  'in-progress': {
    status: 409,
    notice: {
      tone: 'warn',
      title: 'This order is still being placed',
      text: 'Pay again in a moment to see it. You are never charged twice.',
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
  text: 'Nothing was charged. Pay again only if you agree to the new total.',
};

export const TOO_OLD: Notice = {
  tone: 'warn',
  title: 'This form is too old',
  text: 'Nothing was charged now. If you have paid before, look at your orders first: paying now places a new order.',
};

export const ORDERED_ALREADY: Notice = {
  tone: 'good',
  title: 'An earlier order was placed',
  text: 'It is in your list of orders. This is the rest of your basket.',
};
