import type { App } from '@meshmart/service/app';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { capture } from '../src/provider/provider.ts';
import {
  ageClaims,
  ask,
  authorisePayment,
  newPayment,
  pay,
  readLedger,
  readProviderLog,
  refund,
  startApp,
} from './helper.ts';

const UNAVAILABLE = [503, 'unavailable'];
const IN_USE = [409, 'idempotency-key-in-use'];
const lost = () => ({ ...newPayment(), paymentToken: 'tok_answer_lost' });

test('each kind of response is lost once; retries complete everything with one effect', async () => {
  const { app } = await startApp();
  const payment = lost();
  expect(problemOf(await pay(app, 'k', payment))).toEqual(UNAVAILABLE);
  const pending = await app.database.payment.findFirstOrThrow();
  expect(pending.status).toBe('pending');
  expect(problemOf(await pay(app, 'k', payment))).toEqual(IN_USE);
  await ageClaims(app);
  const authorised = await pay(app, 'k', payment);
  const { id } = pending;
  expect([authorised.statusCode, authorised.json()]).toMatchObject([201, { id, status: 'authorised' }]);

  expect(problemOf(await ask(app, id, 'capture'))).toEqual(UNAVAILABLE);
  expect(await readLedger(app)).toEqual({ entries: 0 });
  expect((await ask(app, id, 'capture')).json().status).toBe('captured');

  expect(problemOf(await refund(app, id, 'r', 990))).toEqual(UNAVAILABLE);
  expect((await readLedger(app)).entries).toBe(1);
  expect(problemOf(await refund(app, id, 'r', 990))).toEqual(IN_USE);
  await ageClaims(app);
  const refunded = await refund(app, id, 'r', 990);
  const { id: refundId } = await app.database.refund.findFirstOrThrow();
  expect([refunded.statusCode, refunded.json()]).toMatchObject([201, { id: refundId, amountMinor: 990 }]);
  expect((await refund(app, id, 'r', 990)).json()).toEqual(refunded.json());

  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1990],
    ['capture', 1990],
    ['refund', 990],
  ]);
  expect(await readLedger(app)).toEqual({
    entries: 2,
    sales: -1990,
    refunds: 990,
    provider_receivable: 1000,
  });
});

test('a void whose response was lost completes when it is retried', async () => {
  const { app } = await startApp();
  const payment = lost();
  await pay(app, 'k', payment);
  await ageClaims(app);
  const { id } = (await pay(app, 'k', payment)).json();
  expect(problemOf(await ask(app, id, 'void'))).toEqual(UNAVAILABLE);
  expect((await ask(app, id, 'void')).json().status).toBe('voided');
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'void']);
});

test('a capture that only the provider has recorded is stored once by retries', async () => {
  const { app, startReplica } = await startApp();
  const { id, amountMinor } = await authorisePayment(app);
  await capture(app.database, { reference: id, amountMinor });
  const replicas = [app, await startReplica()];
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ask(replicas[i % 2] as App, id, 'capture')),
  );
  expect(responses.map((response) => response.json().status)).toEqual(Array(20).fill('captured'));
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'capture']);
  expect(await readLedger(app)).toEqual({ entries: 1, provider_receivable: 1990, sales: -1990 });
});

test('a slow response arrives after the work is done', async () => {
  const { app } = await startApp();
  const response = pay(app, 'k', { ...newPayment(), paymentToken: 'tok_slow' }).then((response) => response);
  await expect.poll(() => readProviderLog(app)).toEqual([['authorisation', 1990]]);
  const { status } = await app.database.payment.findFirstOrThrow();
  expect([status, (await response).json().status]).toEqual(['pending', 'authorised']);
});
