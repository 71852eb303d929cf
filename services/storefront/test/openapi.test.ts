import { readFile } from 'node:fs/promises';
import { renderOpenApi } from '@meshmart/service/openapi';
import { expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

test('the committed OpenAPI document is what the code says (`npm run openapi` writes it anew)', async () => {
  const document = await renderOpenApi(await buildApp(loadConfig({ LOG_LEVEL: 'silent' })));
  expect(await readFile(new URL('../openapi.json', import.meta.url), 'utf8')).toBe(document);
});
