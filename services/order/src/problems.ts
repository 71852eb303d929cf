import { idempotencyProblems } from '@meshmart/service/idempotency';
import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  ...idempotencyProblems,
  'too-many-open-orders': {
    status: 429,
    title: 'The customer has too many pending orders',
    retryAfterS: 10,
  },
});
