import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { ReservationSchema } from '../src/reservations/schemas.ts';
import { startApp } from './helper.ts';

type Started = Awaited<ReturnType<typeof startApp>>;
type Item = { productId: string; quantity: number };

function reserve({ app }: Started, orderId: string, items: Item[]) {
  return app.inject({ method: 'PUT', url: `/reservations/${orderId}`, body: { items } });
}

test('reserves all items at current prices', async () => {
  const service = await startApp();
  const [cup, pan] = [
    await service.addProduct({ name: 'Cup', priceMinor: 300 }),
    await service.addProduct({ name: 'Pan' }),
  ];
  const orderId = newId();

  const before = Date.now();
  const response = await reserve(service, orderId, [
    { productId: cup.id, quantity: 2 },
    { productId: pan.id, quantity: 1 },
  ]);
  const { expiresAt, ...rest } = response.json();
  expect(Math.round((Date.parse(expiresAt) - before) / 60_000)).toBe(15);
  expect(rest).toEqual({
    orderId,
    status: 'reserved',
    items: [
      { productId: cup.id, name: 'Cup', quantity: 2, priceMinor: 300 },
      { productId: pan.id, name: 'Pan', quantity: 1, priceMinor: 1250 },
    ],
    totalMinor: 1850,
    currency: 'EUR',
  });
  expect([await service.stockOf(cup), await service.stockOf(pan)]).toEqual([8, 9]);
});

test('follows its schema even if the total exceeds the maximum of an amount', async () => {
  const service = await startApp();
  const { id: productId } = await service.addProduct({ priceMinor: 2_147_483_647 });
  const response = await reserve(service, newId(), [{ productId, quantity: 2 }]);
  expect(response.json().totalMinor).toBe(4_294_967_294);
  expect(Value.Errors(ReservationSchema, response.json())).toEqual([]);
});

test('reserves nothing if one item is not available', async () => {
  const service = await startApp();
  const [cup, pan] = [await service.addProduct(), await service.addProduct({ stock: 1 })];

  const short = await reserve(service, newId(), [
    { productId: cup.id, quantity: 1 },
    { productId: pan.id, quantity: 2 },
  ]);
  const unknown = await reserve(service, newId(), [
    { productId: cup.id, quantity: 1 },
    { productId: newId(), quantity: 1 },
  ]);
  expect(problemOf(short)).toEqual([409, 'out-of-stock']);
  expect(problemOf(unknown)).toEqual([422, 'unknown-product']);
  expect([await service.stockOf(cup), await service.stockOf(pan)]).toEqual([10, 1]);
});

test('a repeated call reserves once; other items for the same order are refused', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  const orderId = newId();
  const items = [{ productId: cup.id, quantity: 3 }];

  const responses = await Promise.all([1, 2, 3, 4].map(() => reserve(service, orderId, items)));
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(await service.stockOf(cup)).toBe(7);

  const other = await reserve(service, orderId, [{ productId: cup.id, quantity: 4 }]);
  expect(problemOf(other)).toEqual([409, 'reservation-conflict']);
});

test('of thirty simultaneous buyers of ten units, ten get one', async () => {
  const service = await startApp();
  const cup = await service.addProduct({ stock: 10 });
  const buyers = Array.from({ length: 30 }, () =>
    reserve(service, newId(), [{ productId: cup.id, quantity: 1 }]),
  );
  const statuses = (await Promise.all(buyers)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 409)).toHaveLength(20);
  expect(await service.stockOf(cup)).toBe(0);
});

test('a release returns everything once, and ends the reservation', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  const orderId = newId();
  await reserve(service, orderId, [{ productId: cup.id, quantity: 4 }]);

  const post = (what: string) =>
    service.app.inject({ method: 'POST', url: `/reservations/${orderId}/${what}` });
  expect((await post('confirm')).json()).toEqual({ orderId, status: 'confirmed' });
  const confirmed = (await service.app.inject(`/reservations/${orderId}`)).json();
  expect([confirmed.status, confirmed.totalMinor, confirmed.expiresAt]).toEqual([
    'confirmed',
    5000,
    undefined,
  ]);
  expect((await post('confirm')).json().status).toBe('confirmed');
  expect((await reserve(service, orderId, [{ productId: cup.id, quantity: 4 }])).json()).toEqual(confirmed);
  expect((await post('release')).json().status).toBe('released');
  expect((await post('release')).json().status).toBe('released');
  expect(await service.stockOf(cup)).toBe(10);
  expect((await post('confirm')).json().type).toBe('urn:meshmart:problem:reservation-conflict');
});

test('a released reservation that is requested again is refused', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  const [orderId, items] = [newId(), [{ productId: cup.id, quantity: 4 }]];
  await reserve(service, orderId, items);
  await service.app.inject({ method: 'POST', url: `/reservations/${orderId}/release` });

  const again = await reserve(service, orderId, items);
  expect(problemOf(again)).toEqual([409, 'reservation-conflict']);
  expect(await service.stockOf(cup)).toBe(10);
});

test('a reservation after its release reserves nothing, and neither do simultaneous ones', async () => {
  const service = await startApp();
  const cup = await service.addProduct();
  const items = [{ productId: cup.id, quantity: 4 }];
  const release = (orderId: string) =>
    service.app.inject({ method: 'POST', url: `/reservations/${orderId}/release` });

  const late = newId();
  expect((await release(late)).json()).toEqual({ orderId: late, status: 'released' });
  const read = (await service.app.inject(`/reservations/${late}`)).json();
  expect(read).toMatchObject({ status: 'released', items: [], totalMinor: 0 });
  expect((await reserve(service, late, items)).json().type).toBe('urn:meshmart:problem:reservation-conflict');

  const orderIds = Array.from({ length: 30 }, newId);
  await Promise.all(orderIds.flatMap((orderId) => [reserve(service, orderId, items), release(orderId)]));
  expect(await service.stockOf(cup)).toBe(10);
});

test('refuses a body with a field of the wrong type, an unknown field, or a product named twice', async () => {
  const service = await startApp();
  const { id: productId } = await service.addProduct();
  const bodies = [
    { items: [{ productId, quantity: '2' }] },
    { items: [{ productId, quantity: 2, price: 1 }] },
    { items: [] },
    {
      items: [
        { productId, quantity: 1 },
        { productId, quantity: 2 },
      ],
    },
    { items: [{ productId: productId.toUpperCase(), quantity: 1 }] },
  ];
  const pointers = [];
  for (const body of bodies) {
    const response = await service.app.inject({ method: 'PUT', url: `/reservations/${newId()}`, body });
    pointers.push(response.json().errors?.[0].pointer);
  }
  expect(pointers).toEqual([
    '/body/items/0/quantity',
    '/body/items/0/price',
    '/body/items',
    '/body/items',
    '/body/items/0/productId',
  ]);
});
