import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { inject, onTestFinished } from 'vitest';
import type { Product } from '../generated/prisma/client.ts';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

/** Starts the service on an empty database. */
export async function startApp(env: Record<string, string> = {}) {
  const DATABASE_URL = await createTestDatabase(inject('databaseAdminUrl'), prismaDirectory);
  const startReplica = async () => {
    const replica = await buildApp(
      loadConfig({ DATABASE_URL, LOG_LEVEL: 'silent', ...patientConfig, ...env }),
    );
    onTestFinished(() => replica.close());
    return replica;
  };
  const app = await startReplica();

  async function addProduct(product: Partial<Product> = {}): Promise<Product> {
    const id = newId();
    const name = product.name ?? `Product ${id}`;
    const data = {
      id,
      slug: id,
      name,
      description: 'Good.',
      category: 'kitchen',
      priceMinor: 1250,
      stock: 10,
    };
    return app.database.product.create({ data: { ...data, ...product } });
  }
  const stockOf = async ({ id }: Product) =>
    (await app.database.product.findUniqueOrThrow({ where: { id } })).stock;

  return { app, databaseUrl: DATABASE_URL, startReplica, addProduct, stockOf };
}
