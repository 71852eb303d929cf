import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { capture, voidAuthorisation } from '../src/provider/provider.ts';
import {
  ask,
  authorisePayment,
  newPayment,
  pay,
  readLedger,
  readProviderLog,
  refund,
  startApp,
} from './helper.ts';

test('voids an authorised payment, once; it can then be neither captured nor refunded', async () => {
  const { app } = await startApp();
  const payment = await authorisePayment(app);
  const voided = await ask(app, payment.id, 'void');
  expect([voided.statusCode, voided.json()]).toEqual([200, { ...payment, status: 'voided' }]);
  expect((await ask(app, payment.id, 'void')).json()).toEqual(voided.json());

  const captured = await ask(app, payment.id, 'capture');
  expect([captured.statusCode, captured.json()]).toEqual([
    409,
    {
      type: 'urn:meshmart:problem:payment-not-authorised',
      title: 'Only an authorised payment can be captured or voided',
      status: 409,
      instance: `/payments/${payment.id}/capture`,
    },
  ]);
  const refunded = await refund(app, payment.id, 'k', 1);
  expect(problemOf(refunded)).toEqual([409, 'payment-not-captured']);
  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1990],
    ['void', 1990],
  ]);
  expect(await readLedger(app)).toEqual({ entries: 0 });
});

test('refuses to void a captured or declined payment', async () => {
  const { app } = await startApp();
  const { id } = await authorisePayment(app);
  await ask(app, id, 'capture');
  const declined = (await pay(app, 'k', { ...newPayment(), paymentToken: 'tok_declined' })).json();
  const responses = [await ask(app, id, 'void'), await ask(app, declined.id, 'void')];
  expect(responses.map(problemOf)).toEqual([
    [409, 'payment-already-captured'],
    [409, 'payment-not-authorised'],
  ]);
});

test('of a simultaneous capture and void, the same one wins at the provider and in the ledger', async () => {
  const { app } = await startApp();
  for (let round = 0; round < 20; round++) {
    const { id } = await authorisePayment(app);
    const responses = await Promise.all([ask(app, id, 'capture'), ask(app, id, 'void')]);
    expect(responses.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    const { status } = (await app.inject(`/payments/${id}`)).json();
    const log = await app.database.providerEntry.findMany({
      where: { reference: id, kind: { not: 'authorisation' } },
    });
    const entries = await app.database.ledgerEntry.count({ where: { reference: id } });
    expect([log.map(({ kind }) => kind), entries]).toEqual(
      status === 'captured' ? [['capture'], 1] : [['void'], 0],
    );
  }
});

test("a void waits for the capture of an older release's replica, which reads before it writes", async () => {
  const { app } = await startApp();
  const { id: reference, amountMinor } = await authorisePayment(app);
  const isVoided = await app.database.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM provider_entries WHERE reference = ${reference}::uuid FOR UPDATE`;
    expect(await tx.providerEntry.count({ where: { reference, kind: 'void' } })).toBe(0);
    const voiding = voidAuthorisation(app.database, { reference, amountMinor });
    await Promise.race([voiding, sleep(200)]);
    const data = { id: newId(), reference, kind: 'capture', amountMinor };
    await tx.providerEntry.createMany({ data, skipDuplicates: true });
    return () => voiding;
  });
  expect(await isVoided()).toBe(false);
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'capture']);
});

test.each([
  ['void', 'captured', capture, 'payment-already-captured', 1],
  ['capture', 'voided', voidAuthorisation, 'payment-not-authorised', 0],
] as const)(
  'a %s of a payment that only the provider knows to be %s is refused, and the payment is corrected',
  async (verb, status, settle, type, entries) => {
    const { app } = await startApp();
    const { id, amountMinor } = await authorisePayment(app);
    await settle(app.database, { reference: id, amountMinor });
    const refused = await ask(app, id, verb);
    expect(problemOf(refused)).toEqual([409, type]);
    expect((await app.inject(`/payments/${id}`)).json().status).toBe(status);
    expect((await readLedger(app)).entries).toBe(entries);
  },
);

test('a void that only the provider has recorded is stored by a retry', async () => {
  const { app } = await startApp();
  const { id, amountMinor } = await authorisePayment(app);
  await voidAuthorisation(app.database, { reference: id, amountMinor });
  expect((await ask(app, id, 'void')).json().status).toBe('voided');
  expect((await readProviderLog(app)).map(([kind]) => kind)).toEqual(['authorisation', 'void']);
});
