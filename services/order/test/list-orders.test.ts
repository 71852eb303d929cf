import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { newOrder, startApp } from './helper.ts';

type Item = { id: string; status: 'pending' | 'confirmed' | 'cancelled'; userId?: string };
interface Page {
  items: Item[];
  nextCursor: string | null;
}

/** Stores three orders each of two customers, with one cancelled, and one order of an administrator. */
async function start() {
  const service = await startApp();
  const { app, logIn } = service;
  const [ada, grace, boss] = [newId(), newId(), newId()];
  const admin = await logIn(boss, 'admin');
  const placed: Required<Item>[] = [];
  for (const status of ['confirmed', 'cancelled', 'confirmed'] as const) {
    for (const userId of [ada, grace]) placed.push({ id: newId(), status, userId });
  }
  placed.push({ id: newId(), status: 'confirmed', userId: boss });
  const data = placed.map((order) => ({
    ...order,
    totalMinor: 1000,
    paymentToken: 'tok_approved',
    currency: 'EUR',
  }));
  await app.database.order.createMany({ data });
  placed.sort((a, b) => (a.id < b.id ? 1 : -1));
  const list = async (headers: Record<string, string>, query = ''): Promise<Page> =>
    (await app.inject({ url: `/orders${query}`, headers })).json();
  return { ...service, ada, boss, admin, placed, list };
}

const summarise = ({ items }: Page) => items.map(({ id, status, userId }) => ({ id, status, userId }));

test('an administrator lists the orders of all customers, newest first, in pages', async () => {
  const { admin, placed, list } = await start();
  expect(summarise(await list(admin, '?scope=all'))).toEqual(placed);

  const first = await list(admin, '?scope=all&limit=4');
  const second = await list(admin, `?scope=all&limit=4&cursor=${first.nextCursor}`);
  expect([...summarise(first), ...summarise(second)]).toEqual(placed);
  expect(second.nextCursor).toBe(null);
});

test('an administrator lists the orders of one status, in pages', async () => {
  const { admin, placed, list } = await start();
  const cancelled = placed.filter(({ status }) => status === 'cancelled');
  const first = await list(admin, '?scope=all&status=cancelled&limit=1');
  const second = await list(admin, `?scope=all&status=cancelled&limit=1&cursor=${first.nextCursor}`);
  expect([...summarise(first), ...summarise(second)]).toEqual(cancelled);
  expect(cancelled).toHaveLength(2);
});

test('without `scope=all`, an administrator sees only their own orders', async () => {
  const { ada, boss, admin, placed, list, logIn } = await start();
  const ownOf = (page: Page) => page.items.map(({ id }) => id);
  expect(ownOf(await list(admin))).toEqual([placed.find(({ userId }) => userId === boss)?.id]);
  const adas = placed.filter(({ userId }) => userId === ada).map(({ id }) => id);
  for (const query of ['', '?scope=own']) expect(ownOf(await list(await logIn(ada), query))).toEqual(adas);
});

test('only administrators may list the orders of all customers', async () => {
  const { app, ada, logIn } = await start();
  const headers = await logIn(ada);
  for (const query of ['?scope=all', '?scope=all&status=pending', '?status=pending&scope=all&limit=1']) {
    const { statusCode, json } = await app.inject({ url: `/orders${query}`, headers });
    expect([statusCode, json().type, json().items]).toEqual([
      403,
      'urn:meshmart:problem:forbidden',
      undefined,
    ]);
  }
  expect((await app.inject('/orders?scope=all')).statusCode).toBe(401);
});

test("lists only the customer's own orders, newest first, in pages", async () => {
  const { app, logIn, placeOrder } = await startApp();
  const [ada, bob] = [await logIn(), await logIn()];
  const ids: string[] = [];
  for (const key of ['1', '2', '3']) ids.push((await placeOrder(ada, newOrder(), { key })).json().id);
  await placeOrder(bob);
  const list = async (query: string) => (await app.inject({ url: `/orders?${query}`, headers: ada })).json();
  const first = await list('limit=2');
  const second = await list(`limit=2&cursor=${first.nextCursor}`);
  const listed = [...first.items, ...second.items].map(({ id }: Item) => id);
  expect([listed, second.nextCursor]).toEqual([ids.toReversed(), null]);
  expect((await app.inject({ url: `/orders/${ids[0]}`, headers: bob })).statusCode).toBe(404);
});
