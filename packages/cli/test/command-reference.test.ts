import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { renderCommandReference } from '../src/command-reference.ts';

test('the committed page of commands is up to date', async () => {
  const committed = readFileSync(join(config.root, 'docs/reference/commands.md'), 'utf8');
  expect(await renderCommandReference(), 'run ./meshmart generate').toBe(committed);
});
