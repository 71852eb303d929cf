import { createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { keepKeysFresh, rotateKeysFile } from '@meshmart/local-platform/key-rotation';
import { layoutOf } from '@meshmart/local-platform/layout';
import { ensureSecrets, signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { makeSigningKey, readKeysFile, type SigningKey, writeKeysFile } from '@meshmart/user/keys-file';
import { afterEach, expect, test, vi } from 'vitest';

const DAY_MS = 86_400_000;

afterEach(() => void vi.useRealTimers());

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

test('npm run keys lists the keys and rotates them, without a store that runs', async () => {
  const old = { ...makeSigningKey(new Date(0)), publishedUntil: '2020-01-01T00:00:00Z' };
  const key = makeSigningKey(new Date(Date.now() - DAY_MS));
  const { file, run } = makeStore(old, key);
  expect(await run()).toEqual({
    code: 0,
    output: `${old.kid}  over since 2020-01-01T00:00:00Z\n${key.kid}  signs\n`,
  });
  const rotated = await run('rotate', '--overlap', '1h');
  const [first, next] = readKeysFile(file) as [SigningKey, SigningKey];
  expect(rotated).toEqual({
    code: 0,
    output: `${key.kid}  signs, published until ${first.publishedUntil}\n${next.kid}  published, signs from ${next.signsFrom}\n`,
  });
  expect(Date.parse(next.signsFrom as string) - Date.now()).toBeGreaterThan(0.98 * 3_600_000);
  expect(statSync(file).mode & 0o777).toBe(0o600);

  rotateKeysFile(file, 0);
  expect((await run('list')).output).toMatch(
    /^\S+ {2}signs no more, .*\n\S+ {2}.*signs from.*\n\S+ {2}signs\n$/s,
  );
});

test.each([
  [['rotate', '--overlap', 'soon'], 2, /It is a time such as 25m, 90s or 1h/],
  [['turn'], 2, /Allowed choices are list, rotate/],
  [['list'], 1, /There are no keys yet; the first start makes them/],
])('npm run keys -- %j ends with %i and a clear line', async (args, code, message) => {
  const ended = await makeStore().run(...args);
  expect(ended.output).toMatch(message);
  expect(ended.code).toBe(code);
});

test('keys are rotated by themselves when the newest one is 30 days old', () => {
  vi.useFakeTimers();
  const lines: string[] = [];
  const { file } = makeStore(makeSigningKey(new Date(Date.now() - 29 * DAY_MS)));
  const stop = keepKeysFresh(file, (line) => lines.push(line));
  const count = () => readKeysFile(file).length;
  expect(count()).toBe(1);
  vi.advanceTimersByTime(1.05 * DAY_MS);
  expect([count(), lines.length]).toEqual([2, 1]);
  vi.advanceTimersByTime(29.9 * DAY_MS);
  expect(count()).toBe(2);
  vi.advanceTimersByTime(0.2 * DAY_MS);
  expect([count(), lines.length], 'the one that is over has left the file').toEqual([2, 2]);
  stop();
  vi.advanceTimersByTime(100 * DAY_MS);
  expect(lines[0]).toMatch(/^The signing keys are rotated: a new one signs from 20/);
  expect(lines.length).toBe(2);
});

test('a start after a long time rotates at once, and a broken file is reported', () => {
  const lines: string[] = [];
  const { file } = makeStore(makeSigningKey(new Date(Date.now() - 31 * DAY_MS)));
  keepKeysFresh(file, (line) => lines.push(line))();
  expect(readKeysFile(file)).toHaveLength(2);
  keepKeysFresh(`${file}.not-there`, (line) => lines.push(line))();
  expect(lines[1]).toMatch(/^The signing keys could not be rotated: ENOENT/);
});

test('makes a signing key once, which signs at once', () => {
  const folder = temporaryFolder();
  const { signingKeysFile } = ensureSecrets(folder);
  const first = readFileSync(signingKeysFile, 'utf8');
  const [key] = readKeysFile(signingKeysFile) as [SigningKey];
  const signature = sign(
    'sha256',
    Buffer.from('token'),
    createPrivateKey({ key: { ...key }, format: 'jwk' }),
  );
  expect(signature.length).toBeGreaterThan(60);
  expect(ensureSecrets(folder).signingKeysFile).toBe(join(folder, 'signing-keys.json'));
  expect(readFileSync(signingKeysFile, 'utf8')).toBe(first);
});
