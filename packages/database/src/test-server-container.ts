import { randomBytes } from 'node:crypto';
import { PostgreSqlContainer } from '@testcontainers/postgresql';

/**
 * Starts PostgreSQL in a container with testcontainers, which finds Docker and respects `DOCKER_HOST` and
 * `TESTCONTAINERS_*`.
 *
 * @throws if Docker or the image is missing; the message says what to do
 */
export async function startContainer(image: string) {
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
  return `TEST_DATABASE=container: PostgreSQL could not be started in a container of ${image} (${message}).
Check Docker (docker info) and the image (docker pull ${image}, or set TEST_DATABASE_IMAGE).
Without TEST_DATABASE, the tests use the embedded PostgreSQL.`;
}
