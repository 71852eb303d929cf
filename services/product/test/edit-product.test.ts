import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { startFakeUser } from './fake-user.ts';
import { startApp } from './helper.ts';

/** Starts the service, with calls of an administrator. */
async function start() {
  const user = await startFakeUser();
  const service = await startApp({ USER_URL: user.url });
  const admin = await user.logInAs('admin');
  const edit = (id: string, body: object, headers: Record<string, string> = {}) =>
    service.app.inject({ method: 'PATCH', url: `/products/${id}`, headers: { ...admin, ...headers }, body });
  const read = async (id: string) => {
    const product = (await service.app.inject(`/products/${id}`)).json();
    return { product, tag: `"${product.version}"` };
  };
  return { ...service, user, edit, read };
}

test('edits the given fields only, and returns the version for the next edit', async () => {
  const { addProduct, edit, read } = await start();
  const cup = await addProduct({ name: 'Cup', stock: 3 });
  const before = await read(cup.id);

  const edited = await edit(cup.id, { priceMinor: 990, stockDelta: 20 }, { 'if-match': before.tag });
  expect(edited.json()).toEqual({ ...before.product, priceMinor: 990, stock: 23, version: 2 });
  const after = await read(cup.id);
  expect(after.product).toEqual(edited.json());

  const fields = { name: 'Mug', description: 'Big.\nBlue.', category: 'table' };
  const again = await edit(cup.id, fields, { 'if-match': after.tag });
  expect(again.json()).toEqual({ ...after.product, ...fields, version: 3 });
});

test('of simultaneous edits of one version, one succeeds', async () => {
  const { addProduct, edit, read } = await start();
  const cup = await addProduct({ stock: 5 });
  const { tag } = await read(cup.id);

  const responses = await Promise.all(
    Array.from({ length: 10 }, () => edit(cup.id, { stockDelta: 7 }, { 'if-match': tag })),
  );
  const refused = responses.filter(({ statusCode }) => statusCode !== 200);
  expect(refused.map(problemOf)).toEqual(Array(9).fill([412, 'precondition-failed']));
  expect((await read(cup.id)).product.stock).toBe(12);
});

test('a sale between reading and editing is no conflict, and is not overwritten', async () => {
  const { app, addProduct, edit, read } = await start();
  const cup = await addProduct({ stock: 5 });
  const { tag } = await read(cup.id);
  const items = [{ productId: cup.id, quantity: 2 }];
  await app.inject({ method: 'PUT', url: `/reservations/${newId()}`, body: { items } });

  const edited = await edit(cup.id, { stockDelta: 10 }, { 'if-match': tag });
  expect([edited.statusCode, edited.json().stock]).toEqual([200, 13]);
});

test('an order pays the price at which it reserved', async () => {
  const { app, addProduct, edit, read } = await start();
  const cup = await addProduct({ priceMinor: 500 });
  const orderId = newId();
  const items = [{ productId: cup.id, quantity: 2 }];
  await app.inject({ method: 'PUT', url: `/reservations/${orderId}`, body: { items } });
  await edit(cup.id, { priceMinor: 900 }, { 'if-match': (await read(cup.id)).tag });

  expect((await read(cup.id)).product.priceMinor).toBe(900);
  expect((await app.inject(`/reservations/${orderId}`)).json().totalMinor).toBe(1000);
});

test.each([
  ['any version', () => ' * '],
  ['a list that has the version', (tag: string) => `"7",W/"8" , ${tag}`],
])('edits a product for %s, but not an unknown one', async (_, ifMatch) => {
  const { addProduct, read, edit } = await start();
  const cup = await addProduct();
  const headers = { 'if-match': ifMatch((await read(cup.id)).tag) };
  expect((await edit(cup.id, { name: 'Mug' }, headers)).statusCode).toBe(200);
  expect((await read(cup.id)).product.name).toBe('Mug');
  expect(problemOf(await edit(newId(), { name: 'Mug' }, headers))).toEqual([404, 'not-found']);
});

test("needs the product's current version", async () => {
  const { app, addProduct, edit, read } = await start();
  const cup = await addProduct();
  const { tag } = await read(cup.id);
  const etag = String((await app.inject(`/products/${cup.id}`)).headers.etag);
  expect(problemOf(await edit(cup.id, { name: 'Mug' }))).toEqual([428, 'precondition-required']);
  for (const stale of ['"7"', etag, `W/${tag}`, `"7", W/${tag}`, 'abc', '"99999999999"']) {
    const response = await edit(cup.id, { name: 'Mug' }, { 'if-match': stale });
    expect(problemOf(response)).toEqual([412, 'precondition-failed']);
  }
  expect(problemOf(await edit(newId(), { name: 'Mug' }, { 'if-match': tag }))).toEqual([404, 'not-found']);
  expect(await read(cup.id)).toMatchObject({ tag, product: { name: cup.name } });
});

test('the stock can become neither negative nor too large', async () => {
  const { addProduct, edit, read } = await start();
  const [few, many] = [await addProduct({ stock: 3 }), await addProduct({ stock: 999_999_999 })];
  for (const [product, stockDelta] of [
    [few, -4],
    [many, 2],
  ] as const) {
    const { tag } = await read(product.id);
    const response = await edit(product.id, { stockDelta }, { 'if-match': tag });
    expect(problemOf(response)).toEqual([409, 'stock-out-of-range']);
    expect((await read(product.id)).tag).toBe(tag);
  }
  const response = await edit(few.id, { stockDelta: -3 }, { 'if-match': (await read(few.id)).tag });
  expect(response.json().stock).toBe(0);
});

test('only administrators may edit products', async () => {
  const { app, user, addProduct, read } = await start();
  const cup = await addProduct();
  const { tag } = await read(cup.id);
  const attempt = (headers: Record<string, string>) => {
    const url = `/products/${cup.id}`;
    return app.inject({
      method: 'PATCH',
      url,
      headers: { 'if-match': tag, ...headers },
      body: { name: 'Mug' },
    });
  };
  expect(problemOf(await attempt({}))).toEqual([401, 'unauthenticated']);
  expect(problemOf(await attempt(await user.logInAs('customer')))).toEqual([403, 'forbidden']);
  expect((await read(cup.id)).tag).toBe(tag);
});

test.each([
  [{}, '/body'],
  [{ name: '' }, '/body/name'],
  [{ name: 'Cup\u0000' }, '/body/name'],
  [{ name: 'C'.repeat(81) }, '/body/name'],
  [{ description: 'Good.\u0000' }, '/body/description'],
  [{ priceMinor: -1 }, '/body/priceMinor'],
  [{ priceMinor: 0 }, '/body/priceMinor'], // nobody could pay it
  [{ priceMinor: 2 ** 31 }, '/body/priceMinor'],
  [{ stockDelta: 0.5 }, '/body/stockDelta'],
  [{ stock: 3 }, '/body/stock'],
])('refuses the edit %j', async (body, pointer) => {
  const { addProduct, edit, read } = await start();
  const cup = await addProduct();
  const response = await edit(cup.id, body, { 'if-match': (await read(cup.id)).tag });
  expect([response.statusCode, response.json().errors?.[0].pointer]).toEqual([400, pointer]);
});
