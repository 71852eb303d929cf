import pg from 'pg';

export interface DatabaseProbe {
  /** Asks the server for an answer. @throws what PostgreSQL or the connection says when there is none within a second */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Creates a readiness probe with a connection of its own, so that a busy pool does not make an instance look dead. */
export function createProbe(databaseUrl: string): DatabaseProbe {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: 1000,
    idleTimeoutMillis: 0, // from probe to probe
    query_timeout: 1000,
    keepAlive: true,
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced at the next check
  return {
    check: async () => {
      await pool.query('SELECT 1');
    },
    close: () => pool.end(),
  };
}
