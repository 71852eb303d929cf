import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { authorisePayment, capturePayment, readLedger, readProviderLog, refund, startApp } from './helper.ts';

const getPayment = async (app: App, id: string) => (await app.inject(`/payments/${id}`)).json();

test('refunds a part, then the rest, then no more', async () => {
  const { app } = await startApp();
  const payment = await capturePayment(app, { amountMinor: 1000 });
  const part = await refund(app, payment.id, 'part', 400);
  const { id, createdAt } = part.json();
  expect([part.statusCode, part.json()]).toEqual([
    201,
    { id, paymentId: payment.id, amountMinor: 400, currency: 'EUR', createdAt },
  ]);
  expect(await getPayment(app, payment.id)).toEqual({ ...payment, refundedMinor: 400 });

  expect((await refund(app, payment.id, 'rest', 600)).statusCode).toBe(201);
  const more = await refund(app, payment.id, 'more', 1);
  expect([more.statusCode, more.json()]).toEqual([
    409,
    {
      type: 'urn:meshmart:problem:refund-exceeds-payment',
      title: 'The refunds would exceed what was captured',
      status: 409,
      instance: `/payments/${payment.id}/refunds`,
    },
  ]);
  expect(await getPayment(app, payment.id)).toEqual({ ...payment, refundedMinor: 1000 });
  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1000],
    ['capture', 1000],
    ['refund', 400],
    ['refund', 600],
  ]);
  expect(await readLedger(app)).toEqual({
    entries: 3,
    provider_receivable: 0,
    sales: -1000,
    refunds: 1000,
  });
});

test('a repeated key returns the first refund; another body and a missing key are refused', async () => {
  const { app, startReplica } = await startApp();
  const { id } = await capturePayment(app);
  const first = await refund(app, id, 'k', 500);
  const again = await refund(await startReplica(), id, 'k', 500);
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  const refused = [await refund(app, id, 'k', 501), await refund(app, id, undefined, 500)];
  expect(refused.map((response) => response.json().type)).toEqual([
    'urn:meshmart:problem:idempotency-key-reused',
    'urn:meshmart:problem:idempotency-key-missing',
  ]);
  expect((await getPayment(app, id)).refundedMinor).toBe(500);
});

test('payments of one user have separate keys', async () => {
  const { app } = await startApp();
  const userId = newId();
  const one = await capturePayment(app, { userId });
  const other = await capturePayment(app, { userId });
  const refunds = [await refund(app, one.id, 'r', 500), await refund(app, other.id, 'r', 500)];
  expect(refunds.map((response) => response.json().paymentId)).toEqual([one.id, other.id]);
});

test('refuses to refund an uncaptured payment, an amount of 0, and an unknown payment', async () => {
  const { app } = await startApp();
  const { id } = await authorisePayment(app);
  const responses = [
    await refund(app, id, 'k', 1),
    await refund(app, id, 'k', 0),
    await refund(app, id, 'k', 0.5),
    await refund(app, newId(), 'k', 1),
  ];
  expect(responses.map(problemOf)).toEqual([
    [409, 'payment-not-captured'],
    [400, 'invalid-request'],
    [400, 'invalid-request'],
    [404, 'not-found'],
  ]);
  expect(await app.database.refund.count()).toBe(0);
});

test('a refused refund leaves its key free, and succeeds after the capture', async () => {
  const { app } = await startApp();
  const { id } = await authorisePayment(app);
  expect((await refund(app, id, 'k', 100)).statusCode).toBe(409);
  await app.inject({ method: 'POST', url: `/payments/${id}/capture` });
  expect((await refund(app, id, 'k', 100)).statusCode).toBe(201);
});

test('of fifty simultaneous refunds of a tenth, exactly ten succeed, and the ledger balances', async () => {
  const { app, startReplica } = await startApp();
  const replicas = [app, await startReplica()];
  const payment = await capturePayment(app, { amountMinor: 1000 });
  const responses = await Promise.all(
    Array.from({ length: 50 }, (_, i) => refund(replicas[i % 2] as App, payment.id, `k${i}`, 100)),
  );
  const types = responses
    .filter(({ statusCode }) => statusCode !== 201)
    .map((response) => response.json().type);
  expect(types).toEqual(Array(40).fill('urn:meshmart:problem:refund-exceeds-payment'));
  expect(await getPayment(app, payment.id)).toEqual({ ...payment, refundedMinor: 1000 });
  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1000],
    ['capture', 1000],
    ...Array(10).fill(['refund', 100]),
  ]);
  // Captured = refunded + retained, and nothing is retained.
  expect(await readLedger(app)).toEqual({
    entries: 11,
    sales: -1000,
    refunds: 1000,
    provider_receivable: 0,
  });
});

test('a hundred simultaneous refunds with one key refund once; each gets the response or 409', async () => {
  const { app } = await startApp();
  const { id } = await capturePayment(app);
  const responses = await Promise.all(Array.from({ length: 100 }, () => refund(app, id, 'k', 100)));
  const created = responses.filter(({ statusCode }) => statusCode === 201);
  expect(new Set(created.map((response) => response.json().id)).size).toBe(1);
  const refused = responses
    .filter(({ statusCode }) => statusCode !== 201)
    .map((response) => response.json().type);
  expect(refused).toEqual(refused.map(() => 'urn:meshmart:problem:idempotency-key-in-use'));
  expect([await app.database.refund.count(), (await getPayment(app, id)).refundedMinor]).toEqual([1, 100]);
});
