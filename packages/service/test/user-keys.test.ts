import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createPeerFetch } from '../src/peers.ts';
import { createUserKeys } from '../src/user-keys.ts';

const times = { freshMs: 1000, staleMs: 3000, cooldownMs: 500, outageMs: 6000, retryMs: 200 };

async function makeKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const token = await new SignJWT().setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  return { jwk: { ...jwk, kid }, token };
}

/** Starts a fake user service, whose keys and health a test changes. */
async function startUser() {
  const user = { keys: [] as object[], isDown: false, isHanging: false, fetches: 0, open: 0 };
  const server = createServer((_request, response) => {
    user.fetches++;
    user.open++;
    response.once('close', () => user.open--);
    if (user.isDown) return void response.destroy();
    if (user.isHanging) return;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: user.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const peerFetch = createPeerFetch({});
  onTestFinished(async () => {
    await peerFetch.close();
    server.close();
  });
  const keys = createUserKeys(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, peerFetch, times);
  const verify = ({ token }: { token: string }) =>
    jwtVerify(token, keys).then(
      () => 'good',
      (error) => error.code as string,
    );
  return { user, verify };
}

test('finds a new key after the cooldown, and drops a retired one after the cache time', async () => {
  const { user, verify } = await startUser();
  const [first, second] = [await makeKey(), await makeKey()];
  user.keys = [first.jwk];
  expect([await verify(first), await verify(second)]).toEqual(['good', 'ERR_JWKS_NO_MATCHING_KEY']);
  expect(user.fetches).toBe(1); // during the cooldown, unknown keys trigger no fetch
  user.keys = [second.jwk];
  await sleep(times.cooldownMs);
  expect(await verify(second)).toBe('good');
  expect(await verify(first)).toBe('ERR_JWKS_NO_MATCHING_KEY');

  user.keys = [first.jwk];
  await sleep(times.staleMs);
  expect(await verify(second), 'after a time without requests').toBe('ERR_JWKS_NO_MATCHING_KEY');
});

test('requests do not wait for a hanging user service while keys are known', async () => {
  const { user, verify } = await startUser();
  const key = await makeKey();
  user.keys = [key.jwk];
  expect(await verify(key)).toBe('good');
  user.isHanging = true;
  await sleep(times.freshMs);
  expect(await verify(key)).toBe('good');
  await expect.poll(() => user.open).toBe(1);
  expect(await Promise.all(Array.from({ length: 20 }, () => verify(key)))).toEqual(Array(20).fill('good'));
  expect([user.open, user.fetches], 'the one that asked still waits').toEqual([1, 2]);
});

test('uses the known keys while the user service is down, retries rarely, and stops trusting them in the end', async () => {
  const { user, verify } = await startUser();
  const key = await makeKey();
  user.keys = [key.jwk];
  expect(await verify(key)).toBe('good');
  user.isDown = true;
  await sleep(times.freshMs);
  for (let i = 0; i < 20; i++) expect(await verify(key)).toBe('good');
  expect(user.fetches).toBeLessThan(10);
  await sleep(times.outageMs);
  expect(await verify(key)).not.toBe('good');
  user.isDown = false;
  expect(await verify(key)).toBe('good');
});
