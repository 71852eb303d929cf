import { countWork, ORDER_COST } from '@meshmart/database/test-work';
import { expect, test } from 'vitest';
import { newOrder, startApp } from './helper.ts';

test('an order costs what ORDER_COST states', async () => {
  const { logIn, placeOrder } = await startApp();
  const customer = await logIn();
  const order = (key: string) => placeOrder(customer, newOrder(), { key });
  await order('first');
  const work = await countWork(async () => expect((await order('k')).json().status).toBe('confirmed'));
  expect(work).toEqual(ORDER_COST.order);
});
