import { eventually } from '@meshmart/test-support/eventually';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

test('a replica that became ready and was never used closes all its connections', async () => {
  const { app, startReplica } = await startApp();
  await app.inject('/health/ready');
  const countConnections = async () => {
    const [row] = await app.database.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()`;
    return row?.count ?? 0;
  };
  const before = await countConnections();
  const replica = await startReplica();
  await replica.inject('/health/ready');
  expect(await countConnections()).toBeGreaterThan(before);
  await replica.close();
  await eventually(async () => (await countConnections()) === before, 5000);
});
