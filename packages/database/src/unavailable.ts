/** Prisma's codes for an unreachable server, an exhausted pool and a transaction that took too long. */
const PRISMA_CODES = /^P(1001|1002|1008|1017|2024|2028|2034|2037)$/;
/**
 * PostgreSQL's classes 08 (connection), 53 (resources), 57P (shutdown) and 25P (idle in a transaction), and the codes
 * of a serialization failure, a deadlock, a lock timeout and a statement timeout.
 */
const SQL_STATES = /^(08...|53...|57P..|25P0[34]|40001|40P01|55P03|57014)$/;
const SOCKET_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EAGAIN|EHOSTUNREACH)$/;
/** Messages of pg and pg-pool, which have no codes, and Node's for a missing Unix socket. */
const MESSAGES =
  /timeout exceeded when trying to connect|connection error and is not queryable|^Connection terminated|connect ENOENT/;

/**
 * Returns whether a database error is temporary: the server is gone, slow or overloaded, or a lock timed out. The same
 * request may succeed later.
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
