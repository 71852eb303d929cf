import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Creates a role and a database for a service, and revokes all other roles' right to connect to it. Idempotent, except
 * that it sets the password each time.
 *
 * @param adminUrl a URL whose role may create roles and databases
 * @param name the service's name, used for the role and the database, with the prefix `meshmart_`
 * @returns the service's own DATABASE_URL
 */
export async function provisionDatabase(adminUrl: string, name: string, password: string): Promise<string> {
  const owner = `meshmart_${name}`;
  const admin = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  admin.on('error', () => {}); // the query reports a lost server
  await admin.connect();
  try {
    const identifier = admin.escapeIdentifier(owner);
    const roles = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [owner]);
    const verb = roles.rowCount === 0 ? 'CREATE' : 'ALTER';
    await admin.query(`${verb} ROLE ${identifier} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
    const databases = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [owner]);
    if (databases.rowCount === 0) {
      // The admin of a hosted server is no superuser and can only assign ownership to a role it is a member of.
      await admin.query(`GRANT ${identifier} TO CURRENT_USER`);
      await admin.query(`CREATE DATABASE ${identifier} OWNER ${identifier}`);
    }
    await admin.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${identifier} FROM PUBLIC`);
  } finally {
    await admin.end();
  }
  return serviceUrl(adminUrl, owner, password);
}

function serviceUrl(adminUrl: string, owner: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = owner;
  url.password = password;
  url.pathname = `/${owner}`;
  return url.href;
}

/**
 * Waits until the server responds to a query.
 *
 * @throws the last connection error after `timeoutMs` milliseconds, or when `signal` is aborted
 */
export async function waitForDatabase(
  databaseUrl: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2000 });
    client.on('error', () => {}); // the query reports a lost connection
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (signal?.aborted || Date.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
