import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '@meshmart/service/app';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { patientConfig } from '@meshmart/service/patient-config';
import { createPeerFetch } from '@meshmart/service/peers';
import { createUserKeys } from '@meshmart/service/user-keys';
import { decodeProtectedHeader, importJWK, SignJWT } from 'jose';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { signAccessToken } from '../src/tokens/access-token.ts';
import {
  findSigning,
  makeSigningKey,
  readKeysFile,
  rotateKeys,
  type SigningKey,
  writeKeysFile,
} from '../src/tokens/keys-file.ts';
import { readSigningKeys } from '../src/tokens/signing-keys.ts';

const MINUTE_MS = 60_000;
const OVERLAP_MIN = 25;
const user = { id: '019bb200-0000-7000-8000-000000000001', role: 'customer' };

afterEach(() => void vi.useRealTimers());

function makeKeysFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'signing-keys.json');
  writeKeysFile(file, [makeSigningKey(new Date())]);
  return file;
}

async function listen(app: App): Promise<string> {
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

/** Starts a replica, whose database is not used. */
async function startReplica(file: string) {
  const config = loadConfig({
    DATABASE_URL: 'postgresql://localhost',
    SIGNING_KEYS_FILE: file,
    LOG_LEVEL: 'silent',
    ...patientConfig,
  });
  const keys = await readSigningKeys(file);
  return { keys, url: await listen(await buildApp(config, keys)) };
}

/** Starts another service with a cache of the keys. @returns the status of a request with a token */
async function startVerifier(userUrl: string) {
  const peerFetch = createPeerFetch({});
  const config = loadConfig({
    DATABASE_URL: '-',
    SIGNING_KEYS_FILE: '-',
    LOG_LEVEL: 'silent',
    ...patientConfig,
  });
  const userKeys = createUserKeys(userUrl, peerFetch);
  const app = await createApp({ name: 'verifier', description: 'A test.', config, userKeys });
  app.get('/mine', { config: { access: 'customer' }, schema: { hide: true } }, async () => ({}));
  onTestFinished(() => peerFetch.close());
  await app.ready();
  onTestFinished(() => app.close());
  return async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await app.inject({ url: '/mine', headers })).statusCode;
  };
}

/** Signs a token with a stolen key. */
async function forge(key: SigningKey): Promise<string> {
  return new SignJWT({ role: 'admin' })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' })
    .setSubject(user.id)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setExpirationTime('365 d')
    .sign(await importJWK(key as SigningKey & { kty: string }, 'ES256'));
}

test('in ten rotations no valid token is refused and no retired key accepted, though one replica reads late', async () => {
  const file = makeKeysFile();
  vi.useFakeTimers({ toFake: ['Date'] });
  const replicas = [await startReplica(file), await startReplica(file)] as const;
  const verifiers = await Promise.all(replicas.map(({ url }) => startVerifier(url)));
  const issued: { token: string; until: number }[] = [];
  const signedBy = new Set<string>();
  const retired = new Map<string, { token: string; end: number }>();
  let refused = 0;
  let accepted = 0;
  let checked = 0;

  for (let minute = 0; minute < 10 * 30 + 60; minute++) {
    vi.setSystemTime(Date.now() + MINUTE_MS);
    await replicas[1].keys.reload(); // the file of a minute ago
    if (minute % 30 === 0 && minute < 300) {
      const before = readKeysFile(file);
      writeKeysFile(file, rotateKeys(before, Date.now(), OVERLAP_MIN * MINUTE_MS));
      for (const key of readKeysFile(file)) {
        if (key.publishedUntil && !retired.has(key.kid))
          retired.set(key.kid, { token: await forge(key), end: Date.parse(key.publishedUntil) });
      }
    }
    await replicas[0].keys.reload();

    for (const { keys } of replicas) {
      const token = await signAccessToken(keys, user);
      signedBy.add(decodeProtectedHeader(token).kid as string);
      issued.push({ token, until: Date.now() + 10 * MINUTE_MS });
    }
    const ages = [0, 5, 9].map((age) => Date.now() + (10 - age) * MINUTE_MS);
    const good = issued.filter(({ until }) => ages.includes(until));
    // A verifier caches the keys for a minute.
    const bad = [...retired.values()].filter(({ end }) => end + MINUTE_MS < Date.now() && minute % 3 === 0);
    for (const verify of verifiers) {
      const statuses = await Promise.all(good.map(({ token }) => verify(token)));
      refused += statuses.filter((status) => status !== 200).length;
      const others = await Promise.all(bad.map(({ token }) => verify(token)));
      accepted += others.filter((status) => status !== 401).length;
      checked += statuses.length + others.length;
    }
  }
  expect({ refused, accepted }).toEqual({ refused: 0, accepted: 0 });
  expect([signedBy.size, retired.size, checked > 5000]).toEqual([11, 10, true]);
  expect(readKeysFile(file).length, 'retired keys leave the file').toBeLessThan(4);
}, 600_000);

test('a rotation before the last one takes effect leaves each key its period', () => {
  const at = (min: number) => Date.UTC(2026, 0, 1) + min * MINUTE_MS;
  const first = makeSigningKey(new Date(at(-100)));
  const twice = rotateKeys(rotateKeys([first], at(0), 25 * MINUTE_MS), at(10), 25 * MINUTE_MS);
  const min = (time: string | undefined) => time && (Date.parse(time) - at(0)) / MINUTE_MS;
  expect(twice.map((key) => [min(key.signsFrom), min(key.publishedUntil)])).toEqual([
    [-100, 25 + 11],
    [25, 35 + 11],
    [35, undefined],
  ]);
});

test('a running service reloads a changed file, and keeps its keys while the file is invalid', async () => {
  const file = makeKeysFile();
  const { url, keys } = await startReplica(file);
  const published = async () =>
    ((await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }).keys;
  const [first] = (await published()) as [{ kid: string }];
  writeKeysFile(file, rotateKeys(readKeysFile(file), Date.now(), 0));
  await vi.waitFor(async () => expect(await published()).toHaveLength(2), 10_000);
  expect(keys.signing().keyId).not.toBe(first.kid);
  expect(Object.keys(first).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);

  const good = readFileSync(file);
  for (const broken of ['{', '{"keys": []}', '{"keys": [{"kty": "RSA"}]}']) {
    writeFileSync(file, broken);
    await expect(keys.reload()).rejects.toThrow();
    expect(await published()).toHaveLength(2);
  }
  writeFileSync(file, good);
  utimesSync(file, 1, 1);
  await keys.reload();
});

test('a keys file is readable by its owner only, and a key without times always signs', async () => {
  const file = makeKeysFile();
  chmodSync(file, 0o644);
  const [{ signsFrom: _, ...plain }] = readKeysFile(file) as [SigningKey];
  writeKeysFile(file, [plain]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await readSigningKeys(file)).signing().keyId).toBe(plain.kid);
});

test('a private key in PEM is a set of one key that always signs and can be rotated', () => {
  const file = makeKeysFile();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const type of ['sec1', 'pkcs8'] as const) {
    writeFileSync(file, privateKey.export({ format: 'pem', type }));
    const [key, ...others] = readKeysFile(file);
    expect(others).toEqual([]);
    expect(key).toMatchObject(privateKey.export({ format: 'jwk' }));
    expect(findSigning(readKeysFile(file), 0)?.kid).toBe(key?.kid);
    writeKeysFile(file, rotateKeys(readKeysFile(file), Date.now(), MINUTE_MS));
    expect(readKeysFile(file).map(({ kid }) => kid)[0]).toBe(key?.kid);
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file, rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  expect(() => readKeysFile(file)).toThrow('private EC keys on P-256');
});

test('refuses a file in which no key signs yet', async () => {
  const file = makeKeysFile();
  writeKeysFile(file, [makeSigningKey(new Date(Date.now() + MINUTE_MS))]);
  await expect(readSigningKeys(file)).rejects.toThrow('no key of the signing keys file signs now');
});
