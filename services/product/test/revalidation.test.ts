import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

type Service = Awaited<ReturnType<typeof startApp>>;

async function readTag({ app }: Service, url: string): Promise<string> {
  const { headers } = await app.inject(url);
  return String(headers.etag);
}

const sell = ({ app }: Service, productId: string) =>
  app.inject({
    method: 'PUT',
    url: `/reservations/${newId()}`,
    body: { items: [{ productId, quantity: 1 }] },
  });

test('reads may be cached but must be revalidated, with a weak ETag', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  for (const url of ['/products', '/products/categories', `/products/${cup.id}`]) {
    const { headers } = await service.app.inject(url);
    expect([url, headers['cache-control'], headers.etag]).toEqual([
      url,
      'no-cache',
      expect.stringMatching(/^W\/"[\w-]{22}"$/),
    ]);
  }
  const missing = await service.app.inject(`/products/${newId()}`);
  expect([missing.statusCode, missing.headers['cache-control'], missing.headers.etag]).toEqual([
    404,
    'no-cache',
    undefined,
  ]);
});

test('the ETag changes with edits and sales, and is equal for equal bodies', async () => {
  const service = await startApp();
  const { id } = await service.addProduct({ stock: 5 });
  const database = service.app.database;
  const update = (data: object) => database.product.update({ where: { id }, data });
  const steps = [
    async () => {},
    async () => update({ name: 'Mug', version: 2 }),
    async () => sell(service, id),
    async () => update({ stock: 3 }),
  ];
  for (const url of ['/products', `/products/${id}`]) {
    const tags: string[] = [];
    for (const step of steps) {
      await step();
      tags.push(await readTag(service, url));
    }
    expect(new Set(tags).size).toBe(steps.length);
    await update({ stock: 4 });
    expect(await readTag(service, url)).toBe(tags[2]);
    await update({ name: 'Cup', stock: 5, version: 1 });
  }
});

test('v1 and v2 have different ETags for one product', async () => {
  const [v1, v2] = await Promise.all([startApp(), startApp({ SERVICE_VERSION: 'v2' })]);
  const cup = await v1.addProduct();
  await v2.addProduct(cup);
  expect(await readTag(v1, `/products/${cup.id}`)).not.toBe(await readTag(v2, `/products/${cup.id}`));
});

test.each([
  ['the ETag', (tag: string) => tag],
  ['its strong form', (tag: string) => tag.replace('W/', '')],
  ['a list that has it', (tag: string) => `"a,b", ${tag},W/"c"`],
  ['any', () => ' * '],
])('a read is 304 for If-None-Match with %s, and 200 after a change', async (name, choose) => {
  const service = await startApp();
  const cup = await service.addProduct();
  const url = `/products/${cup.id}`;
  const tag = await readTag(service, url);
  const headers = { 'if-none-match': choose(tag) };
  for (const method of ['GET', 'HEAD'] as const) {
    const kept = await service.app.inject({ method, url, headers });
    expect([kept.statusCode, kept.body, kept.headers.etag, kept.headers['content-type']]).toEqual([
      304,
      '',
      tag,
      undefined,
    ]);
    expect(kept.headers['cache-control']).toBe('no-cache');
  }
  await sell(service, cup.id);
  expect((await service.app.inject({ url, headers })).statusCode).toBe(name === 'any' ? 304 : 200);
});

test('a read is 200 for If-None-Match with other tags', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  const url = `/products/${cup.id}`;
  const { body } = await service.app.inject(url);
  for (const other of ['"1"', 'W/"1"', 'abc', '"', '']) {
    const response = await service.app.inject({ url, headers: { 'if-none-match': other } });
    expect([other, response.statusCode, response.body]).toEqual([other, 200, body]);
  }
});

test('a response to an administrator must not be cached', async () => {
  const { app } = await startApp();
  const { headers } = await app.inject({ method: 'PATCH', url: `/products/${newId()}`, body: { name: 'A' } });
  expect(headers['cache-control']).toBe('no-store');
});
