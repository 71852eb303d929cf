import { encodeCursor } from '@meshmart/service/cursor';
import { newId } from '@meshmart/service/ids';
import { TEXT } from '@meshmart/service/schemas';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

type Named = { name: string };
const UUID_REFUSED = 'must match pattern "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"';

test('lists all products by name in pages, each once', async () => {
  const { app, addProduct } = await startApp();
  for (const name of ['Cup', 'Bowl', 'Dish', 'Apron', 'Bowl']) await addProduct({ name });

  const names: string[] = [];
  let path: string | null = '/products?limit=2';
  while (path) {
    const page: { items: { name: string }[]; nextCursor: string | null } = (await app.inject(path)).json();
    names.push(...page.items.map(({ name }) => name));
    path = page.nextCursor && `/products?limit=2&cursor=${page.nextCursor}`;
  }
  expect(names).toEqual(['Apron', 'Bowl', 'Bowl', 'Cup', 'Dish']);
});

test('finds by part of the name or description, ignoring case, and by category', async () => {
  const { app, addProduct } = await startApp();
  await addProduct({ name: 'Desk Lamp', category: 'lighting' });
  await addProduct({ name: 'Shade', description: 'Fits our LAMPS.', category: 'lighting' });
  await addProduct({ name: 'Pan', category: 'kitchen' });

  const search = async (query: string) =>
    (await app.inject(`/products?${query}`)).json().items.map(({ name }: { name: string }) => name);
  expect(await search('q=lamp')).toEqual(['Desk Lamp', 'Shade']);
  expect(await search('category=kitchen')).toEqual(['Pan']);
  expect(await search('q=%25')).toEqual([]);
});

test('finds products with all words of a search, and short words at the beginning of a word', async () => {
  const { app, addProduct } = await startApp();
  await addProduct({ name: 'Desk Lamp', description: 'For a TV corner.' });
  await addProduct({ name: 'Desk', description: 'Oak.' });
  await addProduct({ name: 'Café table' });

  const search = async (q: string) =>
    (await app.inject(`/products?${new URLSearchParams({ q })}`)).json().items.map(({ name }: Named) => name);
  expect(await search('lamp desk')).toEqual(['Desk Lamp']);
  expect(await search('desk ')).toEqual(['Desk', 'Desk Lamp']);
  expect(await search('CAFÉ')).toEqual(['Café table']);
  expect(await search('tv')).toEqual(['Desk Lamp']);
  expect(await search('es')).toEqual([]);
  expect(await search('100%')).toEqual([]);
  expect(await search(' ')).toHaveLength(3);
});

test('sorts names by language, not by bytes', async () => {
  const { app, addProduct } = await startApp();
  for (const name of ['Zebra', 'iPod', 'Éclair', 'apron', 'Bowl']) await addProduct({ name });
  const { items } = (await app.inject('/products')).json();
  expect(items.map(({ name }: Named) => name)).toEqual(['apron', 'Bowl', 'Éclair', 'iPod', 'Zebra']);
});

test('returns the products with these ids, and ignores unknown ids', async () => {
  const { app, addProduct } = await startApp();
  const [cup, , pan] = [
    await addProduct({ name: 'Cup' }),
    await addProduct(),
    await addProduct({ name: 'Pan' }),
  ];
  const { items } = (await app.inject(`/products?ids=${pan.id},${newId()},${cup.id}`)).json();
  expect(items.map(({ name }: Named) => name)).toEqual(['Cup', 'Pan']);
});

test('counts the products per category while they are added, moved and withdrawn', async () => {
  const { app, addProduct } = await startApp();
  const listCategories = async () => (await app.inject('/products/categories')).json().items;
  const lamps = [await addProduct({ category: 'lighting' }), await addProduct({ category: 'lighting' })];
  await addProduct({ category: 'kitchen' });
  expect(await listCategories()).toEqual([
    { category: 'kitchen', count: 1 },
    { category: 'lighting', count: 2 },
  ]);
  const inKitchen = { data: { category: 'kitchen' } };
  await app.database.product.update({ where: { id: lamps[0]?.id as string }, ...inKitchen });
  await app.database.product.delete({ where: { id: lamps[1]?.id as string } });
  expect(await listCategories()).toEqual([{ category: 'kitchen', count: 2 }]);
});

test('v2 recommends products of the category that are closest in price, v1 does not', async () => {
  const [v1, v2] = await Promise.all([startApp(), startApp({ SERVICE_VERSION: 'v2' })]);
  for (const { app, addProduct } of [v1, v2]) {
    const pan = await addProduct({ name: 'Pan', priceMinor: 2000 });
    await addProduct({ name: 'Pot', priceMinor: 2100 });
    await addProduct({ name: 'Wok', priceMinor: 5000 });
    await addProduct({ name: 'Sold out', priceMinor: 2000, stock: 0 });
    await addProduct({ name: 'Lamp', priceMinor: 2000, category: 'lighting' });

    const response = await app.inject(`/products/${pan.id}`);
    const { recommendations } = response.json();
    const version = app === v1.app ? 'v1' : 'v2';
    expect(response.headers['x-served-by']).toBe(`product/${version}`);
    expect(recommendations?.map(({ name }: { name: string }) => name)).toEqual(
      version === 'v1' ? undefined : ['Pot', 'Wok'],
    );
  }
});

test.each([
  ['/products?limit=0', '/querystring/limit', 'must be >= 1'],
  ['/products?limit=many', '/querystring/limit', 'must be integer'],
  ['/products?colour=red', '/querystring/colour', 'must NOT have additional properties'],
  ['/products?cursor=abc', '/querystring/cursor', 'must be the nextCursor of a page'],
  ['/products?q=%00', '/querystring/q', `must match pattern "${TEXT}"`],
  ['/products?category=%00', '/querystring/category', `must match pattern "${TEXT}"`],
  [
    `/products?cursor=${encodeCursor(['\u0000', newId()])}`,
    '/querystring/cursor',
    'must be the nextCursor of a page',
  ],
  ['/products/not-a-uuid', '/params/productId', UUID_REFUSED],
])('refuses %s', async (path, pointer, detail) => {
  const { app } = await startApp();
  const response = await app.inject(path);
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(response.json()).toEqual({
    type: 'urn:meshmart:problem:invalid-request',
    title: 'The request is not valid',
    status: 400,
    instance: path.split('?')[0],
    errors: [{ pointer, detail }],
  });
});

test('returns 404 for an unknown product', async () => {
  const { app } = await startApp();
  const response = await app.inject(`/products/${newId()}`);
  expect(problemOf(response)).toEqual([404, 'not-found']);
});
