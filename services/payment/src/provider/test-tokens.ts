import type { TestToken } from '@meshmart/service/test-cards';

/** What a test token makes the provider do, in each thing that it is asked to do with the payment. */
export interface Behaviour {
  declineCode?: string;
  answersAfterMs?: number;
  /** The work is done, but the first answer of each kind never arrives. */
  losesFirstAnswer?: boolean;
}

const BEHAVIOURS: Record<TestToken, Behaviour> = {
  tok_approved: {},
  tok_declined: { declineCode: 'do_not_honour' },
  tok_insufficient_funds: { declineCode: 'insufficient_funds' },
  tok_slow: { answersAfterMs: 2000 },
  tok_answer_lost: { losesFirstAnswer: true },
};

/** Anything else is what a stolen or mistyped token would be. */
const UNKNOWN_TOKEN: Behaviour = { declineCode: 'invalid_token' };

export function behaviourOf(token: string): Behaviour {
  return BEHAVIOURS[token as TestToken] ?? UNKNOWN_TOKEN;
}
