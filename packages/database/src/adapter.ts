import { PrismaPg } from '@prisma/adapter-pg';

/** Prisma's way to one service's database: a pool of ten connections, each given up on after 5 s without an answer. */
export function createAdapter(databaseUrl: string): PrismaPg {
  return new PrismaPg({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 5000 });
}
