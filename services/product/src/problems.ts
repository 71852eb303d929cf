import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'unknown-product': { status: 422, title: 'A product of the order does not exist' },
  'out-of-stock': { status: 409, title: 'There is not enough stock' },
  'reservation-conflict': { status: 409, title: 'The reservation does not allow this any more' },
});
