import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findSchemaDrift } from '@meshmart/database/schema-drift';
import type {} from '@meshmart/database/test-database';
import { expect, inject, test } from 'vitest';
import type { App } from './app.ts';
import { renderOpenApi } from './openapi.ts';

/** Declares a test that a service's `openapi.json` is the document of its routes. */
export function checkOpenApi(service: URL, startApp: () => Promise<{ app: App }>): void {
  test('openapi.json is the document that the routes make', async () => {
    const { app } = await startApp();
    const committed = await readFile(new URL('openapi.json', service), 'utf8');
    expect(await renderOpenApi(app), 'run `./meshmart generate`').toBe(committed);
  });
}

/**
 * Declares the tests of a service's contract: its OpenAPI document, and that its migrations make what `schema.prisma`
 * says.
 *
 * @param service the service's folder
 * @param drift expected differences, which Prisma's language cannot express, as `findSchemaDrift` returns them
 */
export function checkContract(
  service: URL,
  startApp: () => Promise<{ app: App }>,
  drift: string[] = [],
): void {
  checkOpenApi(service, startApp);
  test('the migrations make what schema.prisma says', async () => {
    const prismaDirectory = fileURLToPath(new URL('prisma', service));
    expect(await findSchemaDrift(inject('databaseAdminUrl'), prismaDirectory)).toEqual(drift);
  });
}
