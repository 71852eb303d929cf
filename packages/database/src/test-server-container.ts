import { randomBytes } from 'node:crypto';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import type { TestServer } from './test-server.ts';

/**
 * A real PostgreSQL in a container, by testcontainers, which finds Docker by itself and obeys `DOCKER_HOST` and `TESTCONTAINERS_*`.
 *
 * @throws when there is no Docker or no such image, with what to do about it
 */
export async function startContainer(image: string): Promise<TestServer> {
  const container = await new PostgreSqlContainer(image)
    .withPassword(randomBytes(18).toString('base64url')) // the port may be open to the network
    .withCommand(['postgres', '-c', 'fsync=off'])
    .start()
    .catch((cause) => {
      throw new Error(explain(image, cause), { cause });
    });
  return {
    adminUrl: container.getConnectionUri(),
    kind: `in a container of ${image}`,
    stop: () => container.stop(),
  };
}

function explain(image: string, { message }: Error): string {
  return `TEST_DATABASE=container: no PostgreSQL could be started in a container of ${image} (${message}).
Is Docker there (docker info)? Is the image (docker pull ${image}, or another one in TEST_DATABASE_IMAGE)?
Without TEST_DATABASE, the tests run on the embedded PostgreSQL.`;
}
