import type { App } from '@meshmart/service/app';
import { hash } from '@meshmart/service/idempotency';
import { expect, test, vi } from 'vitest';
import { capturePayment, newPayment, pay, refund, startApp } from './helper.ts';

async function readKeys(app: App): Promise<string[]> {
  const keys = await app.database.idempotencyKey.findMany({ orderBy: { key: 'asc' } });
  return keys.map(({ key }) => key);
}

test('a replica deletes old keys of settled payments, and keeps keys that may be retried', async () => {
  const { app, startReplica } = await startApp();
  const authorised = newPayment();
  const { id: authorisedId } = (await pay(app, 'authorised', authorised)).json();
  await pay(app, 'declined', { ...newPayment(), paymentToken: 'tok_declined' });
  await pay(app, 'lost-response', { ...newPayment(), paymentToken: 'tok_answer_lost' });
  const { id: paidId } = await capturePayment(app);
  await refund(app, paidId, 'refunded', 1);
  const { id } = (await refund(app, paidId, 'unrefunded', 1)).json();
  await app.database.refund.update({ where: { id }, data: { completedAt: null } });
  await app.database.$executeRaw`UPDATE idempotency_keys SET claimed_at = now() - interval '24 h 1 s'`;

  const replica = await startReplica();
  await replica.listen({ host: '127.0.0.1', port: 0 });
  const kept = ['authorised', 'lost-response', 'unrefunded'].map(hash).sort();
  await vi.waitUntil(async () => (await readKeys(app)).length <= kept.length, { timeout: 30_000 });
  expect(await readKeys(app)).toEqual(kept);
  expect((await pay(replica, 'authorised', authorised)).json().id).toBe(authorisedId);
});
