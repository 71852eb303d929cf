import type { App } from '@meshmart/service/app';
import { hash } from '@meshmart/service/idempotency';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test } from 'vitest';
import { ageClaims, newPayment, pay, readLedger, readProviderLog, startApp } from './helper.ts';

test('authorises, then captures, once each', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const authorised = await pay(app, 'k', payment);
  const { paymentToken: _, ...expected } = payment;
  const { id, createdAt } = authorised.json();
  expect(authorised.statusCode).toBe(201);
  expect(authorised.json()).toEqual({ id, ...expected, status: 'authorised', refundedMinor: 0, createdAt });

  const capture = () => app.inject({ method: 'POST', url: `/payments/${id}/capture` });
  const captured = await capture();
  expect(captured.json()).toEqual({ ...authorised.json(), status: 'captured' });
  expect((await capture()).json()).toEqual(captured.json());
  expect(await readProviderLog(app)).toEqual([
    ['authorisation', 1990],
    ['capture', 1990],
  ]);
  expect(await readLedger(app)).toEqual({ entries: 1, provider_receivable: 1990, sales: -1990 });
});

test.each([
  ['tok_declined', 'do_not_honour'],
  ['tok_insufficient_funds', 'insufficient_funds'],
  ['tok_made_up', 'invalid_token'],
])('%s is declined with %s, and cannot be captured', async (paymentToken, declineCode) => {
  const { app } = await startApp();
  const declined = await pay(app, 'k', { ...newPayment(), paymentToken });
  expect(declined.statusCode).toBe(201);
  expect(declined.json()).toMatchObject({ status: 'declined', declineCode });
  const captured = await app.inject({ method: 'POST', url: `/payments/${declined.json().id}/capture` });
  expect(problemOf(captured)).toEqual([409, 'payment-not-authorised']);
});

test('a repeated key returns the first response, even on another replica, quoted or bare', async () => {
  const { app, startReplica } = await startApp();
  const payment = newPayment();
  const first = await pay(app, 'abc', payment);
  const again = await pay(await startReplica(), '"abc"', payment);
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  expect(await app.database.providerEntry.count()).toBe(1);
});

test("the order of the body's members makes no difference to the key", async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const first = await pay(app, 'k', payment);
  const again = await pay(app, 'k', Object.fromEntries(Object.entries(payment).reverse()));
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  expect(await app.database.providerEntry.count()).toBe(1);
});

test('a request that an older release stored by the body as sent is replayed', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const first = await pay(app, 'k', payment);
  const fingerprint = hash(JSON.stringify(payment));
  await app.database.$executeRaw`UPDATE idempotency_keys SET fingerprint = ${fingerprint}`;
  const again = await pay(app, 'k', payment);
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  const other = await pay(app, 'k', { ...payment, amountMinor: 1 });
  expect(other.json().type).toBe('urn:meshmart:problem:idempotency-key-reused');

  await app.database.$executeRaw`UPDATE idempotency_keys SET status = NULL, body = NULL`;
  await ageClaims(app);
  expect((await pay(app, 'k', payment)).json().id).toBe(first.json().id);
});

test('refuses a key that is missing, malformed, or was used with another body', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const types = [];
  for (const key of [undefined, 'two words', '""', 'x'.repeat(256)]) {
    types.push((await pay(app, key, payment)).json().type);
  }
  expect(types).toEqual(Array(4).fill('urn:meshmart:problem:idempotency-key-missing'));

  await pay(app, 'k', payment);
  const reused = await pay(app, 'k', { ...payment, amountMinor: 1 });
  expect(problemOf(reused)).toEqual([422, 'idempotency-key-reused']);
});

test('users have separate keys', async () => {
  const { app } = await startApp();
  const [one, other] = [await pay(app, 'k', newPayment()), await pay(app, 'k', newPayment())];
  expect([one.statusCode, other.statusCode]).toEqual([201, 201]);
  expect(one.json().id).not.toBe(other.json().id);
});

test('a hundred simultaneous requests with one key charge once; each gets the response or 409', async () => {
  const { app, startReplica } = await startApp();
  const replicas = [app, await startReplica()];
  const payment = newPayment();
  const responses = await Promise.all(
    Array.from({ length: 100 }, (_, i) => pay(replicas[i % 2] as App, 'k', payment)),
  );
  const created = responses.filter(({ statusCode }) => statusCode === 201);
  expect(responses.every(({ statusCode }) => statusCode === 201 || statusCode === 409)).toBe(true);
  expect(new Set(created.map((response) => response.json().id)).size).toBe(1);
  expect([await app.database.payment.count(), await app.database.providerEntry.count()]).toEqual([1, 1]);
});

test('work of a dead replica is refused as in use, then taken over under the same id', async () => {
  const { app } = await startApp();
  const payment = newPayment();
  const { id } = (await pay(app, 'k', payment)).json();
  // Simulates a replica that died between the provider's response and its own.
  await app.database.payment.update({ where: { id }, data: { status: 'pending' } });
  await app.database.$executeRaw`UPDATE idempotency_keys SET status = NULL, body = NULL, claimed_at = now()`;
  const inUse = await pay(app, 'k', payment);
  expect(inUse.json().type).toBe('urn:meshmart:problem:idempotency-key-in-use');
  expect(inUse.headers['retry-after']).toMatch(/^([1-9]|10)$/);

  await app.database.$executeRaw`UPDATE idempotency_keys SET claimed_at = now() - interval '11 s'`;
  const resumed = await pay(app, 'k', payment);
  expect([resumed.statusCode, resumed.json().id, resumed.json().status]).toEqual([201, id, 'authorised']);
  expect(await app.database.providerEntry.count()).toBe(1);
});
