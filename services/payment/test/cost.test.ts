import { countWork, ORDER_COST } from '@meshmart/database/test-work';
import { expect, test } from 'vitest';
import { capturePayment, startApp } from './helper.ts';

test("an order's payment costs what ORDER_COST states", async () => {
  const { app } = await startApp();
  await capturePayment(app);
  const work = await countWork(async () => expect((await capturePayment(app)).status).toBe('captured'));
  expect(work).toEqual(ORDER_COST.payment);
});
