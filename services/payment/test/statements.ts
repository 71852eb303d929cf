import pg from 'pg';

type Query = (...args: unknown[]) => Promise<unknown>;

/**
 * Comes between the service and its database: `watch` is given each statement that the service waits for, and may fail
 * before or after it has run.
 *
 * @returns how to stop it
 */
export function watchStatements(watch: (run: () => Promise<unknown>) => Promise<unknown>): () => void {
  // Prisma's adapter asks a client within a transaction and the pool outside of one; the pool asks its client with a
  // callback.
  const prototypes = [pg.Client.prototype, pg.Pool.prototype] as unknown as { query: Query }[];
  const queries = prototypes.map(({ query }) => query);
  prototypes.forEach((prototype, i) => {
    prototype.query = function (this: unknown, ...args) {
      const run = () => (queries[i] as Query).apply(this, args);
      return typeof args.at(-1) === 'function' ? run() : watch(run);
    };
  });
  return () => {
    prototypes.forEach((prototype, i) => {
      prototype.query = queries[i] as Query;
    });
  };
}
