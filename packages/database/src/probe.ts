import { Pool } from './pool.ts';

const WAIT_MS = 1000;
/** A frozen server does not enforce statement_timeout. */
const question = { text: 'SELECT 1', query_timeout: WAIT_MS };

export interface DatabaseProbe {
  /** Asks the server for an answer. @throws what PostgreSQL or the connection says, or when a second is not enough for either */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Creates a readiness probe with a connection of its own, so that a busy pool does not make an instance look dead. */
export function createProbe(databaseUrl: string): DatabaseProbe {
  const pool = new Pool(databaseUrl, { connections: 1, waitMs: WAIT_MS });
  return {
    check: async () => {
      await pool.query(question);
    },
    close: () => pool.end(),
  };
}
