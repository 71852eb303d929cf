import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'unknown-product': { status: 422, title: 'A product of the order does not exist' },
  'out-of-stock': { status: 409, title: 'There is not enough stock' },
  'reservation-conflict': { status: 409, title: 'The reservation does not allow this any more' },
  'precondition-required': { status: 428, title: 'The If-Match header is missing' },
  'precondition-failed': { status: 412, title: 'The product was edited since it was read' },
  'slug-taken': { status: 409, title: 'A product with this slug was added before' },
  'stock-out-of-range': { status: 409, title: 'The stock cannot become less than none, or that much' },
});
