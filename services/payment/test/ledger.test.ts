import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '@meshmart/database/migrate';
import { createTestDatabase } from '@meshmart/database/test-database';
import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Prisma } from '../generated/prisma/client.ts';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { postEntry } from '../src/ledger/ledger.ts';
import { capturePayment, prismaDirectory, readLedger, startApp } from './helper.ts';

type Posting = ['provider_receivable' | 'sales' | 'refunds', number];

/** Writes an entry with arbitrary postings in one transaction, as a bug might. */
function write(app: App, postings: Posting[]) {
  const id = newId();
  return app.database.$transaction(async (tx) => {
    await tx.ledgerEntry.create({ data: { id, kind: 'capture', reference: newId(), currency: 'EUR' } });
    for (const [account, amountMinor] of postings) {
      await tx.ledgerPosting.create({ data: { entryId: id, account, amountMinor } });
    }
  });
}

test.each<[string, Posting[]]>([
  [
    'whose postings differ',
    [
      ['provider_receivable', 100],
      ['sales', -99],
    ],
  ],
  ['with one side only', [['provider_receivable', 100]]],
  ['without postings', []],
])('the database refuses an entry %s', async (_, postings) => {
  const { app } = await startApp();
  await expect(write(app, postings)).rejects.toThrow(/does not balance/);
  expect(await readLedger(app)).toEqual({ entries: 0 });
});

test('the database accepts three postings that balance, and refuses a posting of 0', async () => {
  const { app } = await startApp();
  await write(app, [
    ['provider_receivable', 60],
    ['refunds', 40],
    ['sales', -100],
  ]);
  const nothing = write(app, [
    ['provider_receivable', 0],
    ['sales', 0],
  ]);
  await expect(nothing).rejects.toThrow(/ledger_postings_amount_minor_check/);
  expect(await readLedger(app)).toEqual({ entries: 1, provider_receivable: 60, refunds: 40, sales: -100 });
});

test('the database refuses to add a posting to an existing entry', async () => {
  const { app } = await startApp();
  await capturePayment(app);
  const { id } = await app.database.ledgerEntry.findFirstOrThrow();
  const added = app.database.ledgerPosting.create({
    data: { entryId: id, account: 'refunds', amountMinor: 1 },
  });
  await expect(added).rejects.toThrow(/does not balance/);
});

test.each([
  'UPDATE ledger_postings SET amount_minor = amount_minor * 2',
  'DELETE FROM ledger_postings',
  'UPDATE ledger_entries SET reference = id',
  'DELETE FROM ledger_entries',
  'TRUNCATE ledger_postings, ledger_entries',
])('the database refuses %s', async (statement) => {
  const { app } = await startApp();
  await capturePayment(app);
  await expect(app.database.$executeRawUnsafe(statement)).rejects.toThrow(/only ever added to/);
  expect(await readLedger(app)).toEqual({ entries: 1, provider_receivable: 1990, sales: -1990 });
});

test('the database refuses to post the same effect twice', async () => {
  const { app } = await startApp();
  const moved = Prisma.sql`moved AS (SELECT ${newId()}::uuid AS id, 5 AS amount_minor, 'EUR' AS currency)`;
  const post = () => app.database.$executeRaw`WITH ${moved}, ${postEntry('refund')} SELECT`;
  await post();
  await expect(post()).rejects.toThrow(/ledger_entries_kind_reference_key/);
  expect(await readLedger(app)).toEqual({ entries: 1, refunds: 5, provider_receivable: -5 });
});

test('the database refuses to refund more than was paid, or a payment that was not captured', async () => {
  const { app } = await startApp();
  const { id } = await capturePayment(app);
  const set = (data: object) => app.database.payment.update({ where: { id }, data });
  await expect(set({ refundedMinor: 1991 })).rejects.toThrow(/payments_refunded_minor_check/);
  await expect(set({ refundedMinor: 1, status: 'authorised' })).rejects.toThrow(
    /payments_refunded_minor_check/,
  );
});

test('the migration posts payments that were captured before there was a ledger', async () => {
  const older = join(await mkdtemp(join(tmpdir(), 'meshmart-payment-')), 'prisma');
  onTestFinished(() => rm(join(older, '..'), { recursive: true }));
  await cp(prismaDirectory, older, { recursive: true, filter: (path) => !path.includes('ledger') });
  const DATABASE_URL = await createTestDatabase(inject('databaseAdminUrl'), older);
  const app = await buildApp(loadConfig({ DATABASE_URL, LOG_LEVEL: 'silent', ...patientConfig }));
  onTestFinished(() => app.close());
  for (const status of ['captured', 'captured', 'authorised']) {
    await app.database.$executeRaw`
      INSERT INTO payments (id, order_id, user_id, amount_minor, currency, status)
      VALUES (${newId()}::uuid, ${newId()}::uuid, ${newId()}::uuid, 700, 'EUR', ${status}::payment_status)`;
  }
  await migrateDatabase(DATABASE_URL, prismaDirectory);
  expect(await readLedger(app)).toEqual({ entries: 2, provider_receivable: 1400, sales: -1400 });
});
