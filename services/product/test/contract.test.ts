import { readFile } from 'node:fs/promises';
import { findSchemaDrift } from '@meshmart/database/schema-drift';
import { renderOpenApi } from '@meshmart/service/openapi';
import { expect, inject, test } from 'vitest';
import { prismaDirectory, startApp } from './helper.ts';

test('the committed OpenAPI document is the one that the routes make', async () => {
  const { app } = await startApp();
  const committed = await readFile(new URL('../openapi.json', import.meta.url), 'utf8');
  expect(await renderOpenApi(app), 'run `npm run openapi`').toBe(committed);
});

test('the migrations make what schema.prisma says, and an index that it cannot express', async () => {
  expect(await findSchemaDrift(inject('databaseAdminUrl'), prismaDirectory)).toEqual([
    `+ CREATE INDEX products_search_idx ON public.products USING gin (lower((((' '::text || name) || ' '::text) || description)) gin_trgm_ops)`,
  ]);
});
