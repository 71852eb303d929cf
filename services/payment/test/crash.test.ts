import { startCrashingServer } from '@meshmart/database/test-crash';
import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { expect, onTestFinished, test } from 'vitest';
import {
  ageClaims,
  ask,
  newPayment,
  pay,
  readLedger,
  readProviderLog,
  refund,
  startApp,
  undo,
} from './helper.ts';
import { watchStatements } from './statements.ts';

type Response = Awaited<ReturnType<typeof pay>>;

/** Retries a request until it succeeds, as a client does after its replica has died. */
async function insist(app: App, request: () => PromiseLike<Response>): Promise<Response> {
  for (;;) {
    const response = await request();
    if (response.statusCode < 400) return response;
    expect(response.statusCode).toBeGreaterThanOrEqual(500);
    await ageClaims(app);
  }
}

const authorise = async (app: App) => {
  const [key, payment] = [newId(), newPayment()];
  const { id } = (await insist(app, () => pay(app, key, payment))).json();
  return { id, undo: () => insist(app, () => undo(app, key, payment)) };
};
const capture = async (app: App) => {
  const payment = await authorise(app);
  await insist(app, () => ask(app, payment.id, 'capture'));
  return payment;
};

const refunded = {
  log: ['authorisation', 'capture', 'refund'],
  ledger: { sales: -1990, refunds: 1990, provider_receivable: 0 },
};

interface Death {
  at: number;
  when: 'before' | 'after';
  /** Runs at the death, before the retries. */
  then?(): Promise<void>;
}

/** Does some work during which the replica dies once. @returns false if it had no such statement */
async function dieDuring(work: () => Promise<unknown>, { at, when, then }: Death): Promise<boolean> {
  let statements = 0;
  const stopWatching = watchStatements(async (run) => {
    const isDeadly = ++statements === at;
    if (isDeadly && when === 'before') throw new Error('died before a statement');
    const result = await run();
    if (isDeadly) {
      await then?.();
      throw new Error('died after a statement');
    }
    return result;
  });
  try {
    await work();
  } finally {
    stopWatching();
  }
  return statements >= at;
}

test.each([
  ['capture', capture, ['authorisation', 'capture'], { sales: -1990, provider_receivable: 1990 }],
  ['void', async (app: App) => (await authorise(app)).undo(), ['authorisation', 'void'], {}],
  ['void-or-refund', async (app: App) => (await capture(app)).undo(), refunded.log, refunded.ledger],
  [
    'refund',
    async (app: App) => {
      const { id } = await capture(app);
      const key = newId();
      await insist(app, () => refund(app, id, key, 1990));
    },
    refunded.log,
    refunded.ledger,
  ],
] as const)('a death before or after any statement up to a %s is repaired', async (_, work, log, ledger) => {
  const { app } = await startApp();
  const deaths: Death[] = [];
  for (let at = 1, isReached = true; isReached; at++) {
    for (const when of ['before', 'after'] as const) {
      isReached = await dieDuring(() => work(app), { at, when });
      deaths.push({ at, when });
      const kinds = (await readProviderLog(app)).map(([kind]) => kind);
      expect(kinds, `died ${when} statement ${at}`).toEqual(deaths.flatMap(() => log));
      const balances = Object.entries(ledger).map(([account, minor]) => [account, minor * deaths.length]);
      expect(await readLedger(app)).toMatchObject(Object.fromEntries(balances));
    }
  }
  expect(deaths.length).toBeGreaterThan(10);
});

test("a database crash after any statement is repaired, though the provider's log loses its last line", async () => {
  const server = await startCrashingServer();
  onTestFinished(() => void server.stop());
  const { app } = await startApp(server.adminUrl);
  const countLines = () => app.database.providerEntry.count();
  const lost: number[] = [];
  for (let at = 1, isReached = true; isReached; at++) {
    const then = async () => {
      const before = await countLines();
      await server.crash();
      await expect.poll(countLines, { timeout: 60_000 }).toBeLessThanOrEqual(before);
      if ((await countLines()) < before) lost.push(at);
    };
    isReached = await dieDuring(() => capture(app), { at, when: 'after', then });
    const kinds = (await readProviderLog(app)).map(([kind]) => kind);
    expect(kinds, `crashed after statement ${at}`).toEqual(
      Array(at).fill(['authorisation', 'capture']).flat(),
    );
    expect(await readLedger(app)).toEqual({ entries: at, sales: -1990 * at, provider_receivable: 1990 * at });
  }
  expect(lost).toEqual([2, 5]);
});
