import pg from 'pg';

/** The cost of some work in its database. */
export interface Work {
  /** All statements, including BEGIN and COMMIT. */
  statements: number;
  /** Transactions that wrote and waited for the flush of the write-ahead log. */
  commits: number;
  /** Transactions that wrote and did not wait (`synchronous_commit = off`). */
  unflushed: number;
}

/** The cost of one confirmed order of one product, per service. Each service's tests check its line. */
export const ORDER_COST = {
  order: { statements: 9, commits: 3, unflushed: 1 },
  product: { statements: 2, commits: 2, unflushed: 0 },
  payment: { statements: 6, commits: 3, unflushed: 2 },
} satisfies Record<string, Work>;

type Query = (this: unknown, ...args: unknown[]) => Promise<{ rows: unknown[] }>;

const ending = `
  SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS "hasWritten",
    current_setting('synchronous_commit') <> 'off' AS "isFlushed"`;

/**
 * Counts the work of this process's Prisma clients while `act` runs. A query at the end of each transaction finds out
 * whether it wrote and will wait for the flush. Single statements are wrapped in a transaction for that query.
 */
export async function countWork(act: () => Promise<unknown>): Promise<Work> {
  const work: Work = { statements: 0, commits: 0, unflushed: 0 };
  const prototypes = { client: pg.Client.prototype, pool: pg.Pool.prototype } as unknown as Record<
    'client' | 'pool',
    { query: Query }
  >;
  const { client, pool } = prototypes;
  const queries = { client: client.query, pool: pool.query };
  const ask = (connection: unknown, ...args: unknown[]) => queries.client.apply(connection, args);

  async function countEnd(connection: unknown): Promise<void> {
    const [end] = (await ask(connection, ending)).rows as [{ hasWritten: boolean; isFlushed: boolean }];
    if (end.hasWritten) work[end.isFlushed ? 'commits' : 'unflushed']++;
  }

  client.query = async function (...args) {
    work.statements++;
    const [first] = args as [string | { text: string }];
    if ((typeof first === 'string' ? first : first.text) === 'COMMIT') await countEnd(this);
    return ask(this, ...args);
  };
  pool.query = async function (...args) {
    work.statements++;
    const connection = await (this as pg.Pool).connect();
    try {
      await ask(connection, 'BEGIN');
      const result = await ask(connection, ...args);
      await countEnd(connection);
      await ask(connection, 'COMMIT');
      return result;
    } catch (error) {
      await ask(connection, 'ROLLBACK');
      throw error;
    } finally {
      connection.release();
    }
  };
  try {
    await act();
  } finally {
    client.query = queries.client;
    pool.query = queries.pool;
  }
  return work;
}
