import { countWork, ORDER_COST } from '@meshmart/database/test-work';
import { expect, test } from 'vitest';
import { newOrder, post, startApp } from './helper.ts';

test('an order costs as much as is stated for all services', async () => {
  const { app, logIn } = await startApp();
  const headers = await logIn();
  const order = (key: string) => post(app, { ...headers, 'idempotency-key': key }, newOrder());
  await order('first');
  const work = await countWork(async () => expect((await order('k')).json().status).toBe('confirmed'));
  expect(work).toEqual(ORDER_COST.order);
});
