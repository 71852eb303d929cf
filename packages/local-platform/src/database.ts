import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareEmbeddedPostgres } from '@meshmart/database/embedded';
import { provisionDatabase, waitForDatabase } from '@meshmart/database/provision';
import { makeReachableFolder } from '@meshmart/database/reachable-folder';
import { lastLine, runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import type { Supervisor } from '@meshmart/processes/supervisor';
import type { Topology } from '@meshmart/store-client/topology';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import type { Layout } from './layout.ts';
import type { Run } from './run.ts';
import { migrationSecrets, type Secrets } from './secrets.ts';

const START_TIMEOUT_MS = 60_000;
/** A connection may break shortly before the death of its server is reported. */
const DEATH_NOTICE_MS = 200;

interface DatabasesContext {
  supervisor: Supervisor;
  layout: Layout;
  secrets: Secrets;
  /** The run folder. */
  directory: string;
  track: Run['track'];
  /** Aborted when the platform is stopped. */
  signal: AbortSignal;
}

/**
 * Starts PostgreSQL, and creates, migrates and seeds the database of each service that has one.
 *
 * @param show displays a detail of the progress
 * @returns the databases' URLs by service
 * @throws UserError when the server does not start or a migration fails
 */
export async function prepareDatabases(
  { services }: Topology,
  context: DatabasesContext,
  show: (detail: string) => void,
): Promise<Map<string, string>> {
  const server = await startServer(context);
  const withDatabase = Object.entries(services).filter(([, { database }]) => database);
  show(`migrating ${withDatabase.map(([name]) => name).join(', ')}`);
  const prepared = withDatabase.map(async ([name, { secrets = [] }]) => {
    const settings = migrationSecrets(secrets, context.secrets);
    return [name, await prepareAgainAfterDeath({ name, settings }, server, context)] as const;
  });
  return new Map(await Promise.all(prepared));
}

/** Deletes the data of the embedded server; a server that DATABASE_URL names is not touched. */
export function removeData(layout: Layout): void {
  rmSync(layout.database, { recursive: true, force: true });
}

interface MigratedService {
  name: string;
  /** Environment variables for its migration. */
  settings: Record<string, string>;
}

interface Server {
  /** URL of a role that may create roles. */
  adminUrl: string;
  /** Number of times it has died and been restarted. */
  deaths: number;
}

/** Starts the embedded server, or connects to the one that DATABASE_URL names. */
async function startServer({ layout, directory, supervisor, signal }: DatabasesContext): Promise<Server> {
  if (config.databaseUrl) {
    await waitForDatabase(config.databaseUrl, 5000, signal).catch((error) => {
      throw new UserError(`The server of DATABASE_URL does not respond: ${error.message}`);
    });
    return { adminUrl: config.databaseUrl, deaths: 0 };
  }
  const dataDirectory = join(layout.database, 'data');
  await makeReachableFolder(layout.database);
  const wayOut = `if the data in ${dataDirectory} is damaged, start with fresh data: ./meshmart start --reset`;
  const prepared = await prepareEmbeddedPostgres({
    dataDirectory,
    socketDirectory: join(directory, 'postgres'),
    signal,
  }).catch((error) => {
    throw new UserError(`PostgreSQL cannot be prepared: ${lastLine(error.message)}; ${wayOut}`);
  });
  const { adminUrl, ...how } = prepared;
  const server = { adminUrl, deaths: 0 };
  const onDeath = () => {
    server.deaths++;
  };
  supervisor.start({ ...how, name: 'postgres', stopSignal: 'SIGINT', advice: wayOut, onDeath });
  await waitForDatabase(adminUrl, START_TIMEOUT_MS, signal).catch((error) => {
    throw new UserError(
      `PostgreSQL does not respond: ${error.message}; read its log in ${layout.logs}; ${wayOut}`,
    );
  });
  return server;
}

/**
 * Repeats the work when the server dies meanwhile. The supervisor restarts it, and gives up after too many
 * deaths.
 */
async function prepareAgainAfterDeath(
  service: MigratedService,
  server: Server,
  context: DatabasesContext,
): Promise<string> {
  for (;;) {
    const { deaths } = server;
    try {
      return await prepareOne(service, server.adminUrl, context);
    } catch (error) {
      await sleep(DEATH_NOTICE_MS);
      if (context.signal.aborted || server.deaths === deaths) throw error;
      await waitForDatabase(server.adminUrl, START_TIMEOUT_MS, context.signal);
    }
  }
}

/** Creates, migrates and seeds a database with a role of its own. @returns the service's DATABASE_URL */
async function prepareOne(
  { name, settings }: MigratedService,
  adminUrl: string,
  { layout, signal, track }: DatabasesContext,
): Promise<string> {
  const databaseUrl = await provisionDatabase(adminUrl, name, randomBytes(18).toString('base64url'));
  const logFile = join(layout.logs, `${name}-migration.log`);
  const options = {
    cwd: join(config.root, 'services', name),
    env: { ...settings, DATABASE_URL: databaseUrl },
    signal,
    track,
  };
  try {
    const output = await runTool(process.execPath, ['src/migrate.ts'], options);
    writeFileSync(logFile, output, { mode: 0o600 });
  } catch (error) {
    const output = error instanceof ToolFailedError ? error.output : String(error);
    writeFileSync(logFile, output, { mode: 0o600 });
    const wayOut = config.databaseUrl
      ? ''
      : '; if its data is damaged, start with fresh data: ./meshmart start --reset';
    throw new UserError(`The database of ${name} could not be migrated; read ${logFile}${wayOut}`);
  }
  return databaseUrl;
}
