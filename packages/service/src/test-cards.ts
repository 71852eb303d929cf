/**
 * The test cards of the simulated payment provider. A token stands for a card and decides the provider's responses;
 * there are no card numbers. Payment defines a behaviour for each; the shop and `npm start` list them.
 */
export const TEST_CARDS = {
  tok_approved: {
    name: 'Approved card',
    meaning: 'The payment succeeds and the order is confirmed.',
  },
  tok_declined: {
    name: 'Declined card',
    meaning: 'The bank declines and the order is cancelled.',
  },
  tok_insufficient_funds: {
    name: 'Card without funds',
    meaning: 'The balance is too low and the order is cancelled.',
  },
  tok_slow: {
    name: 'Card of a slow bank',
    meaning: 'The payment succeeds, but each response takes two seconds.',
  },
  tok_answer_lost: {
    name: 'Card with lost responses',
    meaning:
      'The payment succeeds, but the first responses are lost. The order stays pending for some seconds, and is charged once.',
  },
} as const;

export type TestToken = keyof typeof TEST_CARDS;
