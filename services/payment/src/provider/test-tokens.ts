import type { TestToken } from '@meshmart/service/test-cards';

/** The provider's behaviour for a test token, in all requests about the payment. */
interface Behaviour {
  declineCode?: string;
  respondsAfterMs?: number;
  /** Loses the first response of each kind, after the work is done. */
  losesFirstResponse?: boolean;
}

const BEHAVIOURS: Record<TestToken, Behaviour> = {
  tok_approved: {},
  tok_declined: { declineCode: 'do_not_honour' },
  tok_insufficient_funds: { declineCode: 'insufficient_funds' },
  tok_slow: { respondsAfterMs: 2000 },
  tok_answer_lost: { losesFirstResponse: true },
};

/** For stolen or mistyped tokens. */
const UNKNOWN_TOKEN: Behaviour = { declineCode: 'invalid_token' };

/** Returns the behaviour for a token; unknown tokens are declined. */
export function behaviourOf(token: string): Behaviour {
  return BEHAVIOURS[token as TestToken] ?? UNKNOWN_TOKEN;
}
