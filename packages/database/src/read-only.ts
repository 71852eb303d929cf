import pg from 'pg';

export type Query = <Row extends object>(sql: string) => Promise<Row[]>;

/** A connection on which the database refuses every change. */
export interface Reader extends AsyncDisposable {
  query: Query;
  /** Lets several queries see the database at one and the same moment. */
  readSnapshot<T>(read: (query: Query) => Promise<T>): Promise<T>;
}

/** @throws what PostgreSQL says when it cannot be reached */
export async function openReader(databaseUrl: string): Promise<Reader> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    options: '-c default_transaction_read_only=on',
  });
  client.on('error', () => {}); // a connection that breaks is reported by the query, too
  await client.connect();
  const query: Query = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
  return {
    query,
    async readSnapshot(read) {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      try {
        return await read(query);
      } finally {
        await client.query('ROLLBACK');
      }
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}
