import { createAdapter } from '@meshmart/database/adapter';
import { Pool } from '@meshmart/database/pool';
import { newId } from '@meshmart/service/ids';
import { expect, onTestFinished, test } from 'vitest';
import { PrismaClient } from '../generated/prisma/client.ts';
import { confirmReservation, putReservation, releaseReservation } from '../src/reservations/repository.ts';
import { startApp } from './helper.ts';

/** Creates a client that records the first word of each statement; of a transaction, Prisma reports only the COMMIT. */
function createNotingClient(databaseUrl: string) {
  const statements: string[] = [];
  const log = [{ emit: 'event', level: 'query' }] as const;
  const database = new PrismaClient({ adapter: createAdapter(new Pool(databaseUrl)), log: [...log] });
  database.$on('query', ({ query }) => void statements.push(query.trim().split(/\s/, 1)[0] as string));
  onTestFinished(() => database.$disconnect());
  return { database, takeStatements: () => statements.splice(0) };
}

test('an order of many products costs one statement to reserve and one to confirm', async () => {
  const { databaseUrl, addProduct, stockOf } = await startApp();
  const { database, takeStatements } = createNotingClient(databaseUrl);
  const products = await Promise.all(Array.from({ length: 20 }, () => addProduct()));
  const items = products.map(({ id: productId }) => ({ productId, quantity: 3 }));
  const orderId = newId();

  await putReservation(database, { orderId, items, lifetimeS: 900 });
  expect(takeStatements()).toEqual(['WITH']);
  await confirmReservation(database, orderId);
  expect(takeStatements()).toEqual(['UPDATE']);
  await releaseReservation(database, orderId);
  expect(takeStatements()).toEqual(['INSERT', 'WITH', 'COMMIT']);
  expect(await Promise.all(products.map(stockOf))).toEqual(Array(20).fill(10));
});
