/**
 * What can be paid with. There are no card numbers anywhere: a token stands for a card of the simulated payment provider, and
 * decides how it answers. Payment must have a behaviour for each; the shop and `npm start` show them all.
 */
export const TEST_CARDS = {
  tok_approved: {
    name: 'Card that is approved',
    meaning: 'The payment goes through and the order is confirmed.',
  },
  tok_declined: {
    name: 'Card that is declined',
    meaning: 'The bank refuses; the order is cancelled.',
  },
  tok_insufficient_funds: {
    name: 'Card without funds',
    meaning: 'The account is too low; the order is cancelled.',
  },
  tok_slow: {
    name: 'Card of a slow bank',
    meaning: 'It is approved, but each answer takes two seconds.',
  },
  tok_answer_lost: {
    name: 'Card whose answers get lost',
    meaning:
      'It is approved, but nobody hears of it at first. The order is placed for a while, and charged once.',
  },
} as const;

export type TestToken = keyof typeof TEST_CARDS;
