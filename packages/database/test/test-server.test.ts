import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../src/test-server.ts';

/** An unreachable registry, so that no image is pulled. */
const testDatabaseImage = 'localhost:1/postgres:18';

test('names the kind of server', async () => {
  const server = await startServer({ testDatabase: 'embedded', testDatabaseImage });
  onTestFinished(async () => void (await server.stop()));
  expect(server.kind).toBe('embedded');
});

test('a container that cannot be started is an error with advice, without a fallback', async () => {
  const starting = startServer({ testDatabase: 'container', testDatabaseImage });
  await expect(starting).rejects.toThrow(
    /in a container of localhost:1\/postgres:18 \(.+\)\.\nCheck Docker .+\(docker pull localhost:1\/postgres:18/,
  );
});

test('a misspelt choice is refused', async () => {
  const starting = startServer({ testDatabase: 'contaner', testDatabaseImage });
  await expect(starting).rejects.toThrow('TEST_DATABASE is contaner, but must be embedded or container');
});
