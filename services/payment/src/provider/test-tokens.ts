import type { TestToken } from '@meshmart/service/test-cards';

/** What a test token makes the provider do, in each thing that it is asked to do with the payment. */
export interface Behaviour {
  declineCode?: string;
  respondsAfterMs?: number;
  /** The work is done, but the first answer of each kind never arrives. */
  losesFirstResponse?: boolean;
}

const BEHAVIOURS: Record<TestToken, Behaviour> = {
  tok_approved: {},
  tok_declined: { declineCode: 'do_not_honour' },
  tok_insufficient_funds: { declineCode: 'insufficient_funds' },
  tok_slow: { respondsAfterMs: 2000 },
  tok_answer_lost: { losesFirstResponse: true },
};

/** Anything else is what a stolen or mistyped token would be. */
const UNKNOWN_TOKEN: Behaviour = { declineCode: 'invalid_token' };

export function behaviourOf(token: string): Behaviour {
  return BEHAVIOURS[token as TestToken] ?? UNKNOWN_TOKEN;
}
