import { countWork, ORDER_COST } from '@meshmart/database/test-work';
import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

test("an order's stock costs what ORDER_COST states", async () => {
  const { app, addProduct } = await startApp();
  const body = { items: [{ productId: (await addProduct()).id, quantity: 1 }] };
  const sell = async () => {
    const url = `/reservations/${newId()}`;
    await app.inject({ method: 'PUT', url, body });
    const confirmed = await app.inject({ method: 'POST', url: `${url}/confirm` });
    expect(confirmed.json().status).toBe('confirmed');
  };
  await sell();
  expect(await countWork(sell)).toEqual(ORDER_COST.product);
});
