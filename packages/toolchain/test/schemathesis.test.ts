import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { ensureSchemathesis } from '../src/schemathesis.ts';
import { versions } from '../src/versions.ts';

function setUp(script?: string) {
  const folder = temporaryFolder();
  const settings = { cacheDirectory: join(folder, 'cache'), searchPath: join(folder, 'bin') };
  const python = join(folder, 'bin/python3');
  if (script) writeExecutable(python, script);
  return { settings, python };
}

test('lets pip install it once', async () => {
  // The folder is the last argument.
  const { settings, python } = setUp('for last; do :; done; mkdir "$last/schemathesis" || exit 1');
  const pythonPath = join(settings.cacheDirectory, `schemathesis-${versions.schemathesis}`);
  expect(await ensureSchemathesis({}, settings)).toEqual({ python, pythonPath });
  expect(await ensureSchemathesis({}, settings)).toEqual({ python, pythonPath });
});

test('pins the version in the name of its folder', () => {
  const list = fileURLToPath(new URL('../src/schemathesis.txt', import.meta.url));
  expect(readFileSync(list, 'utf8')).toContain(`\nschemathesis==${versions.schemathesis}\n`);
});

test.each([
  ['there is no Python', undefined, /python3 is missing: install it/],
  ['Python has no pip', 'echo "No module named pip"; exit 1', /Debian: apt install python3-pip/],
  ['there is no network', 'echo "ERROR: No matching distribution found"; exit 1', /No matching distribution/],
])('says in one line what to do when %s, and leaves nothing incomplete', async (_case, script, message) => {
  const { settings } = setUp(script);
  const error: Error = await ensureSchemathesis({}, settings).then(
    () => new Error('it found one'),
    (reason) => reason,
  );
  expect([error.name, error.message]).toEqual(['UserError', expect.stringMatching(message)]);
  expect(error.message).not.toContain('\n');
  if (script) expect(readdirSync(settings.cacheDirectory)).toEqual([]);
});
