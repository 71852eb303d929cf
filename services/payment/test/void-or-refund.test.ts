import type { App } from '@meshmart/service/app';
import { hash } from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { beginPayment } from '../src/payments/repository.ts';
import { authorise, capture } from '../src/provider/provider.ts';
import { claimRest } from '../src/refunds/repository.ts';
import { ask, newPayment, pay, readLedger, readProviderLog, refund, startApp, undo } from './helper.ts';

/** Stores a payment as a replica that dies or freezes before it calls the provider. */
async function beginOnly(app: App, key: string, { paymentToken: _, ...payment } = newPayment()) {
  const keyed = { scope: `${payment.userId} POST /payments`, key: hash(key), fingerprint: 'any' };
  const begun = { id: newId(), ...payment, status: 'pending', declineCode: null, refundedMinor: 0 } as const;
  await beginPayment(app.database, keyed, { ...begun, createdAt: new Date() });
  return begun;
}

const readStatuses = async (app: App) =>
  (await app.database.payment.findMany()).map(({ status, refundedMinor }) => [status, refundedMinor]);

test('voids an authorised payment, once', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const authorised = (await pay(app, 'k', payment)).json();
  const undone = await undo(app, 'k', payment);
  expect([undone.statusCode, undone.json()]).toEqual([200, { items: [{ ...authorised, status: 'voided' }] }]);
  expect((await undo(app, 'k', payment)).json()).toEqual(undone.json());
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'void']);
});

test.each([0, 90, 1990])('refunds the rest of a captured payment after a refund of %i', async (part) => {
  const { app } = await startApp();
  const payment = newPayment();
  const { id } = (await pay(app, 'k', payment)).json();
  const captured = (await ask(app, id, 'capture')).json();
  if (part > 0) await refund(app, id, 'part', part);
  const undone = await undo(app, 'k', payment);
  expect(undone.json()).toEqual({ items: [{ ...captured, refundedMinor: 1990 }] });
  expect((await undo(app, 'k', payment)).json()).toEqual(undone.json());
  const parts = [part, 1990 - part].filter((amount) => amount > 0).map((amount) => ['refund', amount]);
  expect(await readProviderLog(app)).toEqual([['authorisation', 1990], ['capture', 1990], ...parts]);
  expect(await readLedger(app)).toMatchObject({ refunds: 1990, provider_receivable: 0 });
});

test('leaves a declined payment unchanged', async () => {
  const { app } = await startApp();
  const payment = { ...newPayment(), paymentToken: 'tok_declined' };
  const declined = (await pay(app, 'k', payment)).json();
  expect((await undo(app, 'k', payment)).json()).toEqual({ items: [declined] });
});

test('an authorisation that arrives after the compensation is refused', async () => {
  const { app, startReplica } = await startApp();
  const payment = newPayment();
  const undone = await undo(app, 'k', payment);
  expect([undone.statusCode, undone.json()]).toEqual([200, { items: [] }]);
  const late = await pay(await startReplica(), 'k', payment);
  expect(problemOf(late)).toEqual([422, 'idempotency-key-reused']);
  expect([await readProviderLog(app), await readStatuses(app)]).toEqual([[], []]);
});

test('withdraws a payment before it is requested at the provider, even from a slow replica', async () => {
  const { app } = await startApp();
  const payment = await beginOnly(app, 'k');
  const { id: reference, amountMinor } = payment;
  const { items } = (await undo(app, 'k', payment)).json();
  expect(items).toMatchObject([{ id: reference, status: 'declined', declineCode: 'withdrawn' }]);
  const late = await authorise(app.database, { reference, amountMinor, token: 'tok_approved' });
  expect(late).toBe('withdrawn');
  expect(await readStatuses(app)).toEqual([['declined', 0]]);
});

test('voids a payment whose authorisation response was lost', async () => {
  const { app } = await startApp();
  const payment = { ...newPayment(), paymentToken: 'tok_answer_lost' };
  await pay(app, 'k', payment);
  expect((await undo(app, 'k', payment)).statusCode).toBe(503); // the first response to the void is lost, too
  expect((await undo(app, 'k', payment)).json().items).toMatchObject([{ status: 'voided' }]);
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'void']);
});

test('refunds a payment whose capture only the provider has recorded', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const { id: reference, amountMinor } = (await pay(app, 'k', payment)).json();
  await capture(app.database, { reference, amountMinor });
  const { items } = (await undo(app, 'k', payment)).json();
  expect(items).toMatchObject([{ status: 'captured', refundedMinor: 1990 }]);
  expect(await readLedger(app)).toMatchObject({ entries: 2, refunds: 1990, provider_receivable: 0 });
});

test('finishes a refund whose replica has died, and makes no second one', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const { id } = (await pay(app, 'k', payment)).json();
  await ask(app, id, 'capture');
  await claimRest(app.database, id);
  await undo(app, 'k', payment);
  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1990],
    ['capture', 1990],
    ['refund', 1990],
  ]);
  expect((await readLedger(app)).refunds).toBe(1990);
  expect(await app.database.refund.count({ where: { completedAt: null } })).toBe(0);
});

test('an order that is compensated during its authorisation keeps nothing authorised', async () => {
  const { app, startReplica } = await startApp();
  const replica = await startReplica();
  for (let round = 0; round < 30; round++) {
    const payment = newPayment();
    const key = `k${round}`;
    const late = round % 3 === 0 ? pay(replica, key, payment) : undefined;
    await Promise.all([pay(app, key, payment), undo(replica, key, payment), undo(app, key, payment), late]);
  }
  const statuses = (await readStatuses(app)).map(([status]) => status);
  expect(statuses.filter((status) => status !== 'voided' && status !== 'declined')).toEqual([]);
  const log = await app.database.providerEntry.findMany();
  const setAside = log.filter(({ kind, declineCode }) => kind === 'authorisation' && declineCode === null);
  expect(log.filter(({ kind }) => kind === 'void').length).toBe(setAside.length);
});

test('an order that is compensated during its capture keeps no money', async () => {
  const { app, startReplica } = await startApp();
  const replica = await startReplica();
  for (let round = 0; round < 20; round++) {
    const payment = newPayment();
    const key = `k${round}`;
    const { id } = (await pay(app, key, payment)).json();
    await Promise.all([ask(app, id, 'capture'), undo(replica, key, payment), undo(app, key, payment)]);
    const { items } = (await undo(app, key, payment)).json();
    const [{ status, refundedMinor }] = items;
    expect([status, refundedMinor]).toEqual(status === 'captured' ? ['captured', 1990] : ['voided', 0]);
  }
  expect((await readLedger(app)).provider_receivable ?? 0).toBe(0);
});
