import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'payment-not-authorised': { status: 409, title: 'Only an authorised payment can be captured' },
});
