import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from './pool.ts';

/** Creates Prisma's adapter for a pool. Ends the pool when Prisma disconnects. */
export function createAdapter(pool: Pool): PrismaPg {
  return new PrismaPg(pool, { disposeExternalPool: true });
}
