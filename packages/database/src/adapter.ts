import { PrismaPg } from '@prisma/adapter-pg';

/** Prisma's way to one service's database: a pool of ten connections. A query waits up to 15 s for one of them. */
export function createAdapter(databaseUrl: string): PrismaPg {
  return new PrismaPg({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 15_000 });
}
