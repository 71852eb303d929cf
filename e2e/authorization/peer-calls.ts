/**
 * Which routes the services ask each other for. A route for people is open to the gateway besides; what is neither here nor for
 * people, the mesh lets nobody through to.
 */
export const peerCalls: Record<string, string[]> = {
  'storefront → product': ['GET /products', 'GET /products/categories', 'GET /products/:productId'],
  'storefront → order': [
    'POST /orders',
    'GET /orders',
    'GET /orders/:orderId',
    'POST /orders/:orderId/cancel',
  ],
  'storefront → user': [
    'POST /users',
    'POST /sessions',
    'POST /sessions/refresh',
    'POST /sessions/revoke',
    'GET /users/me',
    'PUT /users/me/password',
    'GET /users/me/sessions',
    'DELETE /users/me/sessions',
    'DELETE /users/me/sessions/:sessionId',
  ],
  'order → product': [
    'PUT /reservations/:orderId',
    'GET /reservations/:orderId',
    'POST /reservations/:orderId/confirm',
    'POST /reservations/:orderId/release',
  ],
  'order → payment': [
    'POST /payments',
    'GET /payments/:paymentId',
    'POST /payments/:paymentId/capture',
    'POST /payments/:paymentId/void',
    'POST /payments/:paymentId/refunds',
    'POST /payments/of-order/void-or-refund',
  ],
  'order → user': ['GET /.well-known/jwks.json'],
  'product → user': ['GET /.well-known/jwks.json'],
};
