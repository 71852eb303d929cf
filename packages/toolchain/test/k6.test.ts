import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { ensureK6 } from '../src/k6.ts';

function setUp() {
  const folder = temporaryFolder();
  const settings = { cacheDirectory: join(folder, 'cache'), searchPath: join(folder, 'bin') };
  const fake = (name: string, script: string) => writeExecutable(join(folder, 'bin', name), script);
  return { settings, fake };
}

test('takes the one on the PATH', async () => {
  const { settings, fake } = setUp();
  const k6 = fake('k6', 'echo "k6 v1.4.0 (go1.25, linux/amd64)"');
  expect(await ensureK6({}, settings)).toBe(k6);
});

test('builds one when the one on the PATH has another major version', async () => {
  const { settings, fake } = setUp();
  fake('k6', 'echo "k6 v0.49.0 (go1.21, linux/amd64)"');
  fake('go', 'echo "#!/bin/sh" > $GOBIN/k6; echo "$@" > $GOBIN/arguments');
  const built = join(settings.cacheDirectory, 'k6-1.8.1/k6');
  expect(await ensureK6({}, settings)).toBe(built);
  expect(await ensureK6({}, { ...settings, searchPath: '' })).toBe(built);
});

test.each([
  ['there is no Go', undefined, /go is missing: install it .* or put k6 1\.8\.1 on the PATH/],
  [
    'there is no network',
    'echo "dial tcp: lookup modules.example: no such host"; exit 1',
    /go cannot reach its module proxy; check the network, or put k6/,
  ],
])('says in one line what to do when %s, and leaves nothing incomplete', async (_case, script, message) => {
  const { settings, fake } = setUp();
  if (script) fake('go', script);
  const error: Error = await ensureK6({}, settings).then(
    () => new Error('it found one'),
    (reason) => reason,
  );
  expect(error.name).toBe('UserError');
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
  expect(readdirSync(settings.cacheDirectory)).toEqual([]);
});
