import pg from 'pg';

type Query = (...args: unknown[]) => Promise<unknown>;

/**
 * Intercepts the service's statements: `watch` receives each one as a function, and may fail before or after running
 * it.
 *
 * @returns a function that stops it
 */
export function watchStatements(watch: (run: () => Promise<unknown>) => Promise<unknown>): () => void {
  // Prisma's adapter queries a client in a transaction, otherwise the pool, which queries its client with a callback.
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
