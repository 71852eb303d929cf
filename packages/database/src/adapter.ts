import { PrismaPg } from '@prisma/adapter-pg';

export interface AdapterOptions {
  /** The size of the pool. */
  connections?: number;
  /** How long a statement waits for a connection of the pool, or for a lock. A statement may take twice as long in all. */
  waitMs?: number;
}

/**
 * Creates Prisma's adapter for one service's database, with a pool of connections of its own. By default every wait is shorter
 * than the 3 s that a peer's caller waits. The server ends a transaction that does nothing for 5 s, so that a frozen process
 * cannot keep its row locks.
 */
export function createAdapter(
  databaseUrl: string,
  { connections = 10, waitMs = 1000 }: AdapterOptions = {},
): PrismaPg {
  return new PrismaPg({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: waitMs,
    // A new connection costs several times as much as a statement: a burst must not have to open them again.
    idleTimeoutMillis: 60_000,
    lock_timeout: waitMs,
    statement_timeout: 2 * waitMs,
    idle_in_transaction_session_timeout: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Prisma's adapter reads the server's local time as UTC, whatever offset comes with it. By its keepalive the server notices
    // after 25 s that a client's machine is gone.
    options:
      '-c TimeZone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
  });
}
