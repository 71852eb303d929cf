import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { renderProblems } from '../src/docs/problem-table.ts';

test('docs/problems.md has every problem that the services declare', async () => {
  const committed = await readFile(join(config.root, 'docs/problems.md'), 'utf8');
  expect(await renderProblems(), 'run `npm run openapi`').toBe(committed);
});
