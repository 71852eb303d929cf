import { mkdirSync, statSync } from 'node:fs';
import { layoutOf } from '@meshmart/local-platform/layout';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { makeSigningKey, readKeysFile, type SigningKey, writeKeysFile } from '@meshmart/user/keys-file';
import { expect, test } from 'vitest';

const DAY_MS = 86_400_000;

/** A state folder with keys in it. */
function makeStore(...keys: SigningKey[]) {
  const state = temporaryFolder();
  const { secrets } = layoutOf(state);
  mkdirSync(secrets, { recursive: true });
  const file = signingKeysFileIn(secrets);
  if (keys.length > 0) writeKeysFile(file, keys);
  const run = (...args: string[]) =>
    runToEnd(process.execPath, [entry, 'keys', ...args, '--state', state], plainEnvironment);
  return { file, run };
}

test('lists the keys and rotates them while no store runs', async () => {
  const old = { ...makeSigningKey(new Date(0)), publishedUntil: '2020-01-01T00:00:00Z' };
  const key = makeSigningKey(new Date(Date.now() - DAY_MS));
  const { file, run } = makeStore(old, key);
  expect(await run()).toEqual({
    code: 0,
    output: `${old.kid}  expired 2020-01-01T00:00:00Z\n${key.kid}  signs\n`,
  });
  const rotated = await run('rotate', '--overlap', '1h');
  const [first, next] = readKeysFile(file) as [SigningKey, SigningKey];
  expect(rotated).toEqual({
    code: 0,
    output: `${key.kid}  signs, published until ${first.publishedUntil}\n${next.kid}  published, signs from ${next.signsFrom}\n`,
  });
  expect(Date.parse(next.signsFrom as string) - Date.now()).toBeGreaterThan(0.98 * 3_600_000);
  expect(statSync(file).mode & 0o777).toBe(0o600);

  await run('rotate', '--overlap', '0s');
  expect((await run('list')).output).toMatch(
    /^\S+ {2}no longer signs, .*\n\S+ {2}.*signs from.*\n\S+ {2}signs\n$/s,
  );
});

test.each([
  [['rotate', '--overlap', 'soon'], 2, /It is a time such as 25m, 90s or 1h/],
  [['turn'], 2, /Allowed choices are list, rotate/],
  [['list'], 1, /There are no keys yet; the first start creates them/],
])('%j exits with %i and a clear line', async (args, code, message) => {
  const ended = await makeStore().run(...args);
  expect(ended.output).toMatch(message);
  expect(ended.code).toBe(code);
});
