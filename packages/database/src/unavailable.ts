/** Prisma's codes for a server that cannot be reached, a pool without a free connection and a transaction that took too long. */
const PRISMA_CODES = /^P(1001|1002|1008|1017|2024|2028|2034|2037)$/;
/**
 * PostgreSQL's classes 08 (connection), 53 (resources), 57P (shutdown) and 25P (idle in a transaction), and the codes of a
 * serialization failure, a deadlock, a lock timeout and a statement timeout.
 */
const SQL_STATES = /^(08...|53...|57P..|25P0[34]|40001|40P01|55P03|57014)$/;
const SOCKET_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EAGAIN|EHOSTUNREACH)$/;
/** The words of pg and pg-pool, which have no codes, and of Node for a Unix socket that is not there. */
const MESSAGES =
  /timeout exceeded when trying to connect|connection error and is not queryable|^Connection terminated|connect ENOENT/;

/**
 * Tells whether a database error says "not now" rather than "never": the server is gone, slow or overloaded, or a lock was not
 * to be had in time. The same request may succeed later.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '', meta } = error as {
    code?: string;
    meta?: { driverAdapterError?: { cause?: DriverCause } };
  };
  const sqlState = meta?.driverAdapterError?.cause?.originalCode ?? '';
  return (
    PRISMA_CODES.test(code) ||
    SQL_STATES.test(sqlState) ||
    SOCKET_CODES.test(code) ||
    MESSAGES.test(error.message)
  );
}

interface DriverCause {
  originalCode?: string;
}
