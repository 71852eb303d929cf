import { idempotencyProblems } from '@meshmart/service/idempotency';
import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems(idempotencyProblems);
