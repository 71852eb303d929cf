import { setTimeout as sleep } from 'node:timers/promises';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { eventually } from '@meshmart/test-support/eventually';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { endsAt, readKeysFile, type SigningKey, writeKeysFile } from '@meshmart/user/keys-file';
import { decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { scale } from './scale.ts';
import { createTokens } from './tokens.ts';

/** Longer than the 30 s between two fetches of the keys by order, and 1 s to read the file. */
const overlapS = 40;
const rotations = scale(1, 10);
const clients = 4;
/** Between the requests of one client. */
const pauseMs = scale(250, 50);
/** The order service keeps keys for at most so long. */
const freshMs = 60_000;
const timeoutMs = 30 * 60_000;

let store: RunningStore;
let keysFile: string;

test.beforeAll(({ store: running }) => {
  store = running;
  keysFile = signingKeysFileIn(store.layout.secrets);
});

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${store.port}${path}`, init);
/** Sends a request, again after Retry-After while the address has sent too many. */
const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const send = () => call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  let answer = await send();
  for (; answer.status === 429; answer = await send())
    await sleep(1000 * Number(answer.headers.get('retry-after')));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
};
/** Returns the status that order responds with to a token. Order knows the keys only by fetching them. */
const askOrder = async (token: string) => {
  const answer = await call('/orders', { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
};

/** Refreshes a session until `stop`, and uses the newest token and the oldest one that is still valid. */
async function keepBuying(
  name: string,
  seen: { kids: Set<string>; asked: number; refused: string[] },
  stop: AbortSignal,
) {
  const login = { email: `${name}@meshmart.example`, password: 'correct horse' };
  await post('/users', { ...login, name });
  let session = await post('/sessions', login);
  const tokens: { token: string; at: number }[] = [];
  while (!stop.aborted) {
    session = await post('/sessions/refresh', { refreshToken: session.refreshToken });
    tokens.push({ token: session.accessToken, at: Date.now() });
    while (Date.now() - (tokens[0]?.at ?? 0) > 590_000) tokens.shift();
    for (const { token } of [tokens[0], tokens.at(-1)] as typeof tokens) {
      seen.asked++;
      seen.kids.add(decodeProtectedHeader(token).kid as string);
      const status = await askOrder(token);
      if (status !== 200) seen.refused.push(`${status} for a token of ${decodeProtectedHeader(token).kid}`);
    }
    await sleep(pauseMs);
  }
}

test(
  `${rotations} rotations under load: every valid token is accepted, and a key that has ended is refused soon after`,
  async () => {
    const [first] = readKeysFile(keysFile) as [SigningKey];
    const forged = await (await createTokens(first as never))('019bb200-0000-7000-8000-000000000001');
    expect(await askOrder(forged), 'published, so still valid').toBe(200);
    const stop = new AbortController();
    const seen = { kids: new Set<string>(), asked: 0, refused: [] as string[] };
    const names = Array.from({ length: clients }, (_, i) => `rotation-${i}`);
    const load = Promise.all(names.map((name) => keepBuying(name, seen, stop.signal)));

    for (let i = 0; i < rotations; i++) {
      const args = ['keys', 'rotate', '--overlap', `${overlapS}s`, '--state', store.layout.state];
      const { code, output } = await runToEnd(process.execPath, [entry, ...args], plainEnvironment);
      expect([code, output.trim().split('\n').at(-1)]).toEqual([0, expect.stringContaining('signs from')]);
      await Promise.race([load, eventually(() => seen.kids.size === i + 2, 2 * overlapS * 1000)]);
    }
    if (scale(false, true)) await Promise.race([load, sleepUntil(endOf(first) + freshMs)]);
    stop.abort();
    await load;
    console.log(
      `${rotations} rotations, ${seen.asked} requests with valid tokens, ${seen.refused.length} refused`,
    );
    expect(seen.refused).toEqual([]);
    expect(seen.kids.size).toBe(rotations + 1);

    if (scale(true, false)) revoke(first);
    await eventually(async () => (await askOrder(forged)) === 401, scale(freshMs + 2000, 1));
  },
  timeoutMs,
);

function endOf(key: SigningKey): number {
  return endsAt(readKeysFile(keysFile).find(({ kid }) => kid === key.kid) as SigningKey);
}

/** Ends a key by hand, as after a theft. The long form waits for its own end instead. */
function revoke(key: SigningKey): void {
  const publishedUntil = new Date().toISOString();
  const keys = readKeysFile(keysFile);
  writeKeysFile(
    keysFile,
    keys.map((other) => (other.kid === key.kid ? { ...other, publishedUntil } : other)),
  );
}

/** Waits 2 s longer, in which the service reads the file. */
function sleepUntil(time: number): Promise<void> {
  return sleep(time + 2000 - Date.now());
}
