/** The simulated payment provider's test cards: the token stands for the card, and decides what the provider answers. */
export const TEST_CARDS = [
  {
    token: 'tok_approved',
    name: 'Card that is approved',
    meaning: 'The payment goes through and the order is confirmed.',
  },
  {
    token: 'tok_declined',
    name: 'Card that is declined',
    meaning: 'The bank refuses; the order is cancelled.',
  },
  {
    token: 'tok_insufficient_funds',
    name: 'Card without funds',
    meaning: 'The account is too low; the order is cancelled.',
  },
] as const;
