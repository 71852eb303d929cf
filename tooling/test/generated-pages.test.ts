import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { renderConfiguration } from '../src/docs/configuration.ts';
import { renderExperiments } from '../src/docs/experiments.ts';
import { renderProblems } from '../src/docs/problem-table.ts';
import { renderSources } from '../src/docs/sources.ts';

test.each([
  ['docs/reference/problems.md', renderProblems],
  ['docs/reference/configuration.md', renderConfiguration],
  ['docs/reference/experiments.md', renderExperiments],
  ['docs/reference/sources.md', renderSources],
])('%s says what the code says', async (page, render) => {
  const committed = await readFile(join(config.root, page), 'utf8');
  expect(await render(), 'run `./meshmart generate`').toBe(committed);
});
