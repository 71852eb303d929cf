import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skillet, startFakeProduct, teapot } from './fake-peers.ts';
import { startShop } from './helper.ts';

test('redirects from the root to the shop', async () => {
  const shop = await startShop({});
  const response = await shop.inject('/');
  expect([response.statusCode, response.headers.location]).toEqual([302, '/shop/']);
});

test('shows products with their price and the version of product', async () => {
  const product = await startFakeProduct([skillet, teapot], 'next-one');
  const shop = await startShop({ product });
  const { statusCode, headers, body } = await shop.inject('/shop/');
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(body).toContain(`<a href="/shop/products/${skillet.id}">Harrow Cast-Iron Skillet</a>`);
  expect(body).toContain('€42.90');
  expect(body).toContain('Only 2 left');
  expect(body).toContain('Catalogue by <code>product/v2</code>');
  expect(body).toContain('href="/shop/?cursor&#61;next-one"');
});

test('passes search, category and cursor on to product, without empty fields', async () => {
  const product = await startFakeProduct([skillet]);
  const shop = await startShop({ product });
  await shop.inject('/shop/?q=iron&category=kitchen&cursor=abc');
  await shop.inject('/shop/?q=&category=kitchen&colour=red&colour=blue');
  expect(product.queries).toEqual([
    { limit: '24', q: 'iron', category: 'kitchen', cursor: 'abc' },
    { limit: '24', category: 'kitchen' },
  ]);
});

test('omits the categories if they are not available', async () => {
  const product = await startFakeProduct([skillet]);
  product.failing.add('/products/categories');
  const shop = await startShop({ product });
  const { statusCode, body } = await shop.inject('/shop/');
  expect(statusCode).toBe(200);
  expect(body).toContain('Harrow Cast-Iron Skillet');
});

test('says that nothing matches', async () => {
  const shop = await startShop({ product: await startFakeProduct([]) });
  const { statusCode, body } = await shop.inject('/shop/?q=zzz');
  expect(statusCode).toBe(200);
  expect(body).toContain('Nothing here matches “zzz”.');
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;

test.each(['/shop/', `/shop/products/${skillet.id}`, `/shop/?q=${encodeURIComponent(HOSTILE)}`])(
  'shows hostile text on %s as text',
  async (url) => {
    const hostile = { id: skillet.id, name: HOSTILE, description: HOSTILE, category: HOSTILE, slug: HOSTILE };
    const recommendations = [{ ...skillet, ...hostile }];
    const shop = await startShop({
      product: await startFakeProduct([{ ...skillet, ...hostile, recommendations }]),
    });
    const { statusCode, body } = await shop.inject(url);
    expect(statusCode).toBe(200);
    expect(body).toContain('&#60;script&#62;alert(1)');
    expect(body).not.toMatch(/<script|<img src=x|onerror='/);
  },
);

test('no template turns off escaping by an exclamation mark in its text', () => {
  const sources = readdirSync(join(import.meta.dirname, '../src'), { recursive: true, encoding: 'utf8' });
  const hits = sources
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /[\p{L}\p{N}"'.,”]!\$\{/u.test(readFileSync(join(import.meta.dirname, '../src', file), 'utf8')),
    );
  expect(hits).toEqual([]);
});

test.each([
  ['/shop/', 200],
  ['/shop/nowhere', 404],
  [`/shop/?q=${'x'.repeat(101)}`, 400],
  ['/shop/assets/shop.css', 200],
  ['/shop/assets/pictures/kitchen/0.svg', 200],
  ['/shop/orders', 303],
])('%s, %i, forbids scripts, other sources, framing and sniffing', async (url, status) => {
  const shop = await startShop({ product: await startFakeProduct([skillet]) });
  const { statusCode, headers, body } = await shop.inject(url);
  expect(statusCode).toBe(status);
  expect(headers).toMatchObject({
    'content-security-policy':
      "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  expect(body).not.toMatch(/<script|<style| style=| on\w+=/);
});

test.each(['/shop/', '/shop/basket', '/shop/login', '/shop/orders', '/shop/checkout'])(
  '%s, which shows personal data, is not cached',
  async (url) => {
    const shop = await startShop({ product: await startFakeProduct([skillet]) });
    expect((await shop.inject(url)).headers['cache-control']).toBe('no-store');
  },
);

test('shows recommendations of v2, and none on v1', async () => {
  const recommendations = [
    { id: teapot.id, slug: teapot.slug, name: teapot.name, priceMinor: 5200, currency: 'EUR' },
  ];
  const v2 = await startShop({ product: await startFakeProduct([{ ...skillet, recommendations }]) });
  const v1 = await startShop({ product: await startFakeProduct([skillet]) });
  const url = `/shop/products/${skillet.id}`;
  expect((await v2.inject(url)).body).toContain(`<a href="/shop/products/${teapot.id}">Cast-Iron Teapot</a>`);
  expect((await v1.inject(url)).body).not.toContain('Goes well with it');
});

test('offers no form for a sold-out product', async () => {
  const shop = await startShop({ product: await startFakeProduct([{ ...skillet, stock: 0 }]) });
  const { body } = await shop.inject(`/shop/products/${skillet.id}`);
  expect(body).toContain('Sold out');
  expect(body).not.toContain('Add to basket');
});

test.each([
  ['/shop/assets/shop.css', 200, 'text/css; charset=utf-8'],
  ['/shop/assets/mark.svg', 200, 'image/svg+xml'],
  ['/shop/assets/pictures/kitchen/0.svg', 200, 'image/svg+xml'],
  ['/shop/assets/pictures/unheard-of/11.svg', 200, 'image/svg+xml'],
  ['/shop/assets/pictures/kitchen/12.svg', 404, 'text/html; charset=utf-8'],
  ['/shop/assets/routes.ts', 404, 'text/html; charset=utf-8'],
])('responds to %s with %i %s', async (url, status, type) => {
  const shop = await startShop({});
  const { statusCode, headers } = await shop.inject(url);
  expect([statusCode, headers['content-type']]).toEqual([status, type]);
});
