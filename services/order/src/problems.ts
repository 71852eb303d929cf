import { idempotencyProblems } from '@meshmart/service/idempotency';
import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  ...idempotencyProblems,
  'too-many-open-orders': {
    status: 429,
    title: 'Too many orders of this customer are still pending',
    retryAfterS: 10,
  },
});
