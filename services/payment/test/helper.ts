import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { inject, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

export const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

/** Starts the service on an empty database; `startReplica` starts more replicas on it. */
export async function startApp(adminUrl: string = inject('databaseAdminUrl')) {
  const DATABASE_URL = await createTestDatabase(adminUrl, prismaDirectory);
  const startReplica = async () => {
    const replica = await buildApp(loadConfig({ DATABASE_URL, LOG_LEVEL: 'silent', ...patientConfig }));
    onTestFinished(() => replica.close());
    return replica;
  };
  return { app: await startReplica(), startReplica };
}

export const newPayment = () => ({
  orderId: newId(),
  userId: newId(),
  amountMinor: 1990,
  currency: 'EUR',
  paymentToken: 'tok_approved',
});

export function pay(app: App, key: string | undefined, body: object) {
  return app.inject({
    method: 'POST',
    url: '/payments',
    headers: key ? { 'idempotency-key': key } : {},
    body,
  });
}

export function refund(app: App, paymentId: string, key: string | undefined, amountMinor: unknown) {
  return app.inject({
    method: 'POST',
    url: `/payments/${paymentId}/refunds`,
    headers: key ? { 'idempotency-key': key } : {},
    body: { amountMinor },
  });
}

export function ask(app: App, paymentId: string, verb: 'capture' | 'void') {
  return app.inject({ method: 'POST', url: `/payments/${paymentId}/${verb}` });
}

/** Voids or refunds the payment that `pay` requested with this key. */
export function undo(app: App, key: string, { orderId, userId }: { orderId: string; userId: string }) {
  const body = { orderId, userId, authorisationKey: key };
  return app.inject({ method: 'POST', url: '/payments/of-order/void-or-refund', body });
}

export async function authorisePayment(app: App, payment: Partial<ReturnType<typeof newPayment>> = {}) {
  return (await pay(app, newId(), { ...newPayment(), ...payment })).json();
}

export async function capturePayment(app: App, payment: Partial<ReturnType<typeof newPayment>> = {}) {
  const { id } = await authorisePayment(app, payment);
  return (await ask(app, id, 'capture')).json();
}

/** Makes unfinished keys old enough for a retry to take over. */
export async function ageClaims(app: App): Promise<void> {
  await app.database.$executeRaw`UPDATE idempotency_keys SET claimed_at = now() - interval '11 s'`;
}

/** Returns kind and amount of the entries in the provider's log. */
export async function readProviderLog(app: App) {
  const log = await app.database.providerEntry.findMany({ orderBy: { id: 'asc' } });
  return log.map(({ kind, amountMinor }) => [kind, amountMinor]);
}

/** Returns each account's balance in minor units (debits positive) and the number of ledger entries. */
export async function readLedger(app: App) {
  const sums = await app.database.ledgerPosting.groupBy({ by: ['account'], _sum: { amountMinor: true } });
  const balances = sums.map(({ account, _sum }) => [account, Number(_sum.amountMinor)]);
  return { entries: await app.database.ledgerEntry.count(), ...Object.fromEntries(balances) };
}
