import { randomUUID } from 'node:crypto';

export interface MisplacedRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** True when the response may repeat the secret to its sender: it names the requested path and unknown fields. */
  isNamed?: boolean;
}

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const email = 'nobody@meshmart.example';
const product = '0190a000-0000-7000-8000-000000000001';

/** Returns requests of a careless client, each with the secret in another wrong place. */
export function misplace(secret: string, authorization: string): MisplacedRequest[] {
  const asCustomer = { authorization };
  return [...inQueries(secret), ...inPaths(secret), ...inHeaders(secret), ...inBodies(secret)].map(
    (request) => ({ ...request, headers: { ...asCustomer, ...request.headers } }),
  );
}

function inQueries(secret: string): MisplacedRequest[] {
  const written = [encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)];
  const queries = written.flatMap((text) => [
    `/products?q=${text}`,
    `/products?cursor=${text}`,
    `/products?card=${text}`,
    `/products?limit=${text}`,
    `/products/${product}?token=${text}`,
    `/orders?access_token=${text}`,
    `/orders?cursor=${text}`,
    `/users/me?password=${text}`,
    `/users/me/addresses?card=${text}`,
    `/.well-known/jwks.json?key=${text}`,
    `/shop/?q=${text}`,
    `/shop/login?next=${text}`,
    `/shop/login?password=${text}`,
    `/shop/checkout?card=${text}`,
    `/nowhere?token=${text}`,
    `/payments?card=${text}`,
    `/?token=${text}`,
  ]);
  const posts = ['/users', '/sessions', '/sessions/refresh', '/orders', '/shop/login'].map((path) => ({
    method: 'POST' as const,
    path: `${path}?password=${written[0]}`,
    headers: json,
    body: '{}',
  }));
  return [...queries.map((path) => ({ method: 'GET' as const, path })), ...posts];
}

function inPaths(secret: string): MisplacedRequest[] {
  const text = encodeURIComponent(secret);
  const get = [
    '',
    'products/',
    'products/%ZZ',
    'orders/',
    'users/',
    'users/me/addresses/',
    'sessions/',
    'payments/',
  ];
  const pages = ['shop/', 'shop/products/', 'shop/orders/', 'shop/assets/'];
  const paths = [...get, ...pages].map((start) => ({ method: 'GET' as const, path: `/${start}${text}` }));
  return [
    ...paths,
    { method: 'POST' as const, path: `/orders/${text}/cancel` },
    { method: 'PUT' as const, path: `/users/me/addresses/${text}`, headers: json, body: '{}' },
    { method: 'DELETE' as const, path: `/users/me/addresses/${text}` },
  ].map((request) => ({ ...request, isNamed: true }));
}

function inHeaders(secret: string): MisplacedRequest[] {
  const text = /^[\x20-\x7e]+$/.test(secret) ? secret : encodeURIComponent(secret);
  const encoded = encodeURIComponent(secret);
  const headers: Record<string, string>[] = [
    { authorization: `Bearer ${text}` },
    { authorization: `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}` },
    { authorization: text },
    { cookie: `card=${encoded}` },
    { cookie: `meshmart_session=${encoded}; meshmart_refresh=${encoded}` },
    { 'x-api-key': text },
    { 'user-agent': `shop/1.0 ${text}` },
    { referer: `http://shop.example/?token=${encoded}` },
    { origin: `http://${encoded}` },
    { accept: `text/${text}` },
    { 'accept-version': text },
    { 'x-forwarded-for': text },
    { 'x-forwarded-host': text },
    { 'x-request-id': text },
    { 'x-forwarded-client-cert': `URI=spiffe://${encoded}` },
    { 'end-user': text },
    { 'x-meshmart-cohort': text },
    { baggage: `card=${encoded}` },
    { traceparent: `00-${encoded}-0000000000000001-01` },
    { 'if-match': text },
    { 'if-none-match': text },
  ];
  const order = JSON.stringify({
    items: [{ productId: randomUUID(), quantity: 1 }],
    paymentToken: 'tok_approved',
  });
  const keys = [text, `"${text.replaceAll('"', '')}"`].map((key) => ({ ...json, 'idempotency-key': key }));
  return [
    ...headers.flatMap((some) =>
      ['/products?limit=1', '/orders', '/shop/'].map((path) => ({
        method: 'GET' as const,
        path,
        headers: some,
      })),
    ),
    ...keys.map((some) => ({ method: 'POST' as const, path: '/orders', headers: some, body: order })),
    { method: 'POST', path: '/orders', headers: { 'content-type': `application/${encoded}` }, body: order },
  ];
}

function inBodies(secret: string): MisplacedRequest[] {
  const items = [{ productId: product, quantity: 1 }];
  const login = { email, password: 'correct horse' };
  const post = (path: string, body: unknown, isNamed = false): MisplacedRequest => ({
    method: 'POST',
    path,
    headers: { ...json, 'idempotency-key': randomUUID() },
    body: JSON.stringify(body),
    isNamed,
  });
  const cut = (path: string): MisplacedRequest => ({
    ...post(path, {}),
    body: JSON.stringify({ password: secret }).slice(0, -2),
  });
  const send = (path: string, fields: Record<string, string>): MisplacedRequest => ({
    method: 'POST',
    path,
    headers: form,
    body: new URLSearchParams(fields).toString(),
  });
  return [
    post('/users', { ...login, name: 'Ada', card: secret }),
    post('/users', { ...login, name: 'Ada', card: { number: [secret] } }),
    post('/users', { ...login, name: 'Ada', email: secret }),
    post('/users', { ...login, name: 'Ada', [secret]: 1 }, true),
    post('/sessions', { email, password: secret }),
    post('/sessions', { email: secret, password: 'correct horse' }),
    post('/sessions', { ...login, token: secret }),
    post('/sessions', secret),
    post('/sessions/refresh', { refreshToken: secret }),
    post('/sessions/refresh', { refreshToken: `${secret}x` }),
    post('/sessions/revoke', { refreshToken: { token: secret } }),
    post('/orders', { items, paymentToken: secret }),
    post('/orders', { items, paymentToken: 'tok_approved', card: secret }),
    post('/orders', { items: [{ productId: secret, quantity: 1 }], paymentToken: 'tok_approved' }),
    post('/orders', { items: [{ productId: product, quantity: secret }], paymentToken: 'tok_approved' }),
    ...['/users', '/sessions', '/orders'].map(cut),
    { ...post('/sessions', {}), headers: { 'content-type': 'text/plain' }, body: secret },
    { ...post('/users/me', { password: `${secret}?` }), method: 'DELETE' },
    { ...post('/users/me', { name: 'Ada', password: secret }), method: 'PATCH' },
    { ...post(`/products/${product}`, { description: secret }), method: 'PATCH' },
    send('/sessions', { email, password: secret }),
    send('/shop/login', { email, password: secret }),
    send('/shop/login', { email, password: 'wrong', card: secret, next: secret }),
    send('/shop/register', { email, password: 'short', name: 'Ada', card: secret }),
    send('/shop/basket/add', { productId: secret, quantity: '1' }),
    send('/shop/checkout', { idempotencyKey: randomUUID(), basket: '', paymentToken: secret }),
    send('/shop/checkout', { idempotencyKey: secret, basket: secret, paymentToken: 'tok_approved' }),
  ];
}
