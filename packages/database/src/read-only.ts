import pg from 'pg';

export type Query = <Row extends object>(sql: string) => Promise<Row[]>;

/** A connection on which the database refuses all writes. */
interface Reader extends AsyncDisposable {
  query: Query;
  /** Runs several queries on one snapshot of the database. */
  readSnapshot<T>(read: (query: Query) => Promise<T>): Promise<T>;
}

/** Connects to a database. @throws PostgreSQL's or the connection's error */
export async function openReader(databaseUrl: string): Promise<Reader> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    options: '-c default_transaction_read_only=on',
  });
  client.on('error', () => {}); // the query reports a lost connection
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
