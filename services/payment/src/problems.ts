import { idempotencyProblems } from '@meshmart/service/idempotency';
import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  ...idempotencyProblems,
  'payment-not-authorised': { status: 409, title: 'Only an authorised payment can be captured or voided' },
  'payment-already-captured': { status: 409, title: 'A captured payment cannot be voided, only refunded' },
  'payment-not-captured': { status: 409, title: 'Only a captured payment can be refunded' },
  'refund-exceeds-payment': { status: 409, title: 'The refunds would exceed what was captured' },
});
