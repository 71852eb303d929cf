import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { config } from './config.ts';

type Choice = Pick<typeof config, 'testDatabase' | 'testDatabaseImage'>;

export interface TestServer {
  /** URL of a superuser. */
  adminUrl: string;
  /** The kind of server, for the test output. */
  kind: string;
  stop(): Promise<unknown>;
}

/**
 * Starts an empty PostgreSQL for a test run and stops it afterwards: Vitest's `globalSetup`. `TEST_DATABASE` chooses
 * the server, without any fallback.
 */
export default async function setup(project: TestProject): Promise<() => Promise<unknown>> {
  const { adminUrl, kind, stop } = await startServer(config);
  console.log(`Tests run on PostgreSQL ${await readVersion(adminUrl)}, ${kind}`);
  project.provide('databaseAdminUrl', adminUrl);
  return stop;
}

/** Starts the chosen server. @throws if the choice is not `embedded` or `container`, or the server cannot start */
export async function startServer({ testDatabase, testDatabaseImage }: Choice): Promise<TestServer> {
  switch (testDatabase) {
    case 'embedded':
      return (await import('./test-server-embedded.ts')).startEmbedded();
    case 'container':
      return (await import('./test-server-container.ts')).startContainer(testDatabaseImage);
    default:
      throw new Error(`TEST_DATABASE is ${testDatabase}, but must be embedded or container`);
  }
}

async function readVersion(adminUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return (await client.query('SHOW server_version')).rows[0].server_version;
  } finally {
    await client.end();
  }
}
