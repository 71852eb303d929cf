import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { startFakeUser } from './fake-user.ts';
import { startApp } from './helper.ts';

const lamp = {
  slug: 'oak-desk-lamp',
  name: 'Oak desk lamp',
  description: 'For a desk.',
  category: 'lighting',
  priceMinor: 4290,
  stock: 3,
};

/** Starts the service, with calls of an administrator and of orders. */
async function start(env: Record<string, string> = {}) {
  const user = await startFakeUser();
  const service = await startApp({ USER_URL: user.url, ...env });
  const { app } = service;
  const admin = await user.logInAs('admin');
  const add = (body: object = lamp, headers: Record<string, string> = admin) =>
    app.inject({ method: 'POST', url: '/products', headers, body });
  const withdraw = (id: string, ifMatch?: string, headers: Record<string, string> = admin) => {
    const condition = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    return app.inject({ method: 'DELETE', url: `/products/${id}`, headers: { ...headers, ...condition } });
  };
  const reserve = (productId: string, orderId = newId()) =>
    app.inject({
      method: 'PUT',
      url: `/reservations/${orderId}`,
      body: { items: [{ productId, quantity: 2 }] },
    });
  const post = (url: string) => app.inject({ method: 'POST', url });
  const read = async (url: string) => (await app.inject(url)).json();
  return { ...service, user, add, withdraw, reserve, post, read };
}

test('an added product is at its Location, listed and orderable', async () => {
  const { add, reserve, read } = await start();
  const added = await add();
  const product = added.json();
  expect([added.statusCode, added.headers.location]).toEqual([201, `/products/${product.id}`]);
  expect(product).toEqual({ ...lamp, id: product.id, currency: 'EUR', version: 1 });
  expect(await read(`/products/${product.id}`)).toEqual(product);
  expect((await read('/products?q=lamp')).items).toEqual([product]);
  expect((await read('/products/categories')).items).toEqual([{ category: 'lighting', count: 1 }]);
  expect((await reserve(product.id)).statusCode).toBe(200);
});

test('a repeated request adds no second product, and names the existing one', async () => {
  const { app, add } = await start();
  const responses = await Promise.all(Array.from({ length: 5 }, () => add()));
  const { id } = await app.database.product.findFirstOrThrow();
  const refused = responses.filter(({ statusCode }) => statusCode !== 201);
  expect(refused.map((response) => [...problemOf(response), response.json().detail])).toEqual(
    Array(4).fill([409, 'slug-taken', `product ${id}`]),
  );
  expect(await app.database.product.count()).toBe(1);
});

test('a withdrawn product is neither listed nor sold in any version, and keeps its slug', async () => {
  const { app, startReplica, add, withdraw, reserve, read } = await start({ SERVICE_VERSION: 'v2' });
  const { id } = (await add()).json();
  const other = (await add({ ...lamp, slug: 'another' })).json();
  expect((await withdraw(id, '"1"')).statusCode).toBe(204);

  for (const replica of [app, await startReplica()]) {
    const statuses = await Promise.all(
      [`/products/${id}`, `/products?ids=${id}`].map((url) => replica.inject(url)),
    );
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([404, 200]);
    expect(statuses[1]?.json().items).toEqual([]);
  }
  expect((await read('/products')).items).toHaveLength(1);
  expect((await read('/products?q=lamp&category=lighting')).items).toHaveLength(1);
  expect((await read('/products/categories')).items).toEqual([{ category: 'lighting', count: 1 }]);
  expect((await read(`/products/${other.id}`)).recommendations).toEqual([]);
  expect(problemOf(await reserve(id))).toEqual([422, 'unknown-product']);
  expect(problemOf(await add())).toEqual([409, 'slug-taken']);
  expect(problemOf(await withdraw(id, '"2"'))).toEqual([404, 'not-found']);
});

test('reservations of a product stay valid when it is withdrawn', async () => {
  const { add, withdraw, reserve, post, read, stockOf } = await start();
  const product = (await add({ ...lamp, stock: 6 })).json();
  const [kept, given] = [newId(), newId()];
  const before = (await reserve(product.id, kept)).json();
  await reserve(product.id, given);
  await withdraw(product.id, '"1"');

  expect(await read(`/reservations/${kept}`)).toEqual(before);
  expect((await reserve(product.id, kept)).json()).toEqual(before); // a retry
  expect((await post(`/reservations/${kept}/confirm`)).statusCode).toBe(200);
  expect((await post(`/reservations/${given}/release`)).statusCode).toBe(200);
  expect(await stockOf(product)).toBe(4);
});

test("a withdrawal needs the product's current version", async () => {
  const { app, user, add, withdraw, read } = await start();
  const { id } = (await add()).json();
  await app.database.product.update({ where: { id }, data: { version: 2 } });
  expect(problemOf(await withdraw(id))).toEqual([428, 'precondition-required']);
  for (const stale of ['"1"', 'W/"2"', 'abc'])
    expect(problemOf(await withdraw(id, stale))).toEqual([412, 'precondition-failed']);
  expect(problemOf(await withdraw(newId(), '*'))).toEqual([404, 'not-found']);
  expect(problemOf(await withdraw(id, '*', {}))).toEqual([401, 'unauthenticated']);
  expect(problemOf(await withdraw(id, '*', await user.logInAs('customer')))).toEqual([403, 'forbidden']);
  expect((await read('/products')).items).toHaveLength(1);
  expect((await withdraw(id, '*')).statusCode).toBe(204);
});

test('only administrators may add products', async () => {
  const { user, add, read } = await start();
  expect(problemOf(await add(lamp, {}))).toEqual([401, 'unauthenticated']);
  expect(problemOf(await add(lamp, await user.logInAs('customer')))).toEqual([403, 'forbidden']);
  expect((await read('/products')).items).toEqual([]);
});

test.each([
  [{ slug: 'Oak Lamp' }, '/body/slug'],
  [{ slug: '' }, '/body/slug'],
  [{ name: '' }, '/body/name'],
  [{ priceMinor: 0 }, '/body/priceMinor'],
  [{ stock: -1 }, '/body/stock'],
  [{ stock: 1_000_001 }, '/body/stock'],
  [{ id: newId() }, '/body/id'],
  [{ description: undefined }, '/body/description'],
])('refuses the product with %j', async (change, pointer) => {
  const { add } = await start();
  const response = await add({ ...lamp, ...change });
  expect([response.statusCode, response.json().errors?.[0].pointer]).toEqual([400, pointer]);
});
