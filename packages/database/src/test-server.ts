import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { config } from './config.ts';

type Choice = Pick<typeof config, 'testDatabase' | 'testDatabaseImage'>;

export interface TestServer {
  /** URL of a superuser. */
  adminUrl: string;
  /** What it runs in, for the output of the run. */
  kind: string;
  stop(): Promise<unknown>;
}

/**
 * Vitest's `globalSetup`: an empty PostgreSQL for the run of one package's tests, gone afterwards. `TEST_DATABASE` says which, and
 * nothing else is taken in its place.
 */
export default async function setup(project: TestProject): Promise<() => Promise<unknown>> {
  const { adminUrl, kind, stop } = await startServer(config);
  console.log(`Tests run on PostgreSQL ${await readVersion(adminUrl)}, ${kind}`);
  project.provide('databaseAdminUrl', adminUrl);
  return stop;
}

/** @throws when the choice is none of the two, or the one that was chosen cannot be had */
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
