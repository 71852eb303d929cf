import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'unknown-product': { status: 422, title: 'The order names a product that does not exist' },
  'out-of-stock': { status: 409, title: 'There is not enough stock' },
  'reservation-conflict': { status: 409, title: 'The state of the reservation does not allow this' },
  'precondition-required': { status: 428, title: 'The If-Match header is missing' },
  'precondition-failed': { status: 412, title: 'The product has been edited since it was read' },
  'slug-taken': { status: 409, title: 'A product with this slug already exists' },
  'stock-out-of-range': { status: 409, title: 'The stock would be negative or too large' },
});
