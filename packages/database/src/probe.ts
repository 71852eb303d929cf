import { Pool } from './pool.ts';

const WAIT_MS = 1000;
/** `query_timeout` is the client's: a frozen server does not enforce its own. */
const question = { text: 'SELECT 1', query_timeout: WAIT_MS };

interface DatabaseProbe {
  /** Runs a query. @throws the error of PostgreSQL or the connection, or a timeout after 1 s */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Creates a readiness probe with a connection of its own, so that it succeeds while the service's pool is busy. */
export function createProbe(databaseUrl: string): DatabaseProbe {
  const pool = new Pool(databaseUrl, { connections: 1, waitMs: WAIT_MS });
  return {
    check: async () => {
      await pool.query(question);
    },
    close: () => pool.end(),
  };
}
