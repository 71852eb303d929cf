import { PrismaPg } from '@prisma/adapter-pg';

/**
 * Prisma's way to one service's database: a pool of ten connections. A query waits up to 15 s for one of them, and the server,
 * as long as it lives, ends it after 30 s, so that no request can keep one for ever.
 */
export function createAdapter(databaseUrl: string): PrismaPg {
  return new PrismaPg({
    connectionString: databaseUrl,
    max: 10,
    connectionTimeoutMillis: 15_000,
    statement_timeout: 30_000,
    // Prisma's adapter takes the local time that a server tells for UTC, whatever offset is told with it.
    options: '-c TimeZone=UTC',
  });
}
