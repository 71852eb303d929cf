import {
  createReadStream,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { setFaults } from '@meshmart/local-platform/faults';
import { ensureSecrets } from '@meshmart/local-platform/secrets';
import { listProductIds, restock } from '@meshmart/store-client/restock';
import { eventually } from '@meshmart/test-support/eventually';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOtlpReceiver } from '../otlp-receiver.ts';
import { endStore, makeState, type RunningStore, startStore } from '../running-store.ts';
import { createRandom, scale } from './scale.ts';
import { crashUserService } from './secrets/crash.ts';
import { createCustomer, createSend } from './secrets/customer.ts';
import { collectEvidence } from './secrets/evidence.ts';
import { findHomeless, homes, type PlacedFind } from './secrets/homes.ts';
import { misplace } from './secrets/misplaced.ts';
import { encodings, Needles } from './secrets/needles.ts';
import { noteOwnSecrets } from './secrets/own-secrets.ts';
import { search } from './secrets/search.ts';

const orders = scale(20, 3_000);
const buyers = scale(2, 20);
const timeoutMs = scale(10, 120) * 60_000;

const { state, layout, remove } = makeState();
const evidence = makeTemporaryFolder();
const scratch = makeTemporaryFolder();
const needles = new Needles();
const random = createRandom();
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let store: RunningStore;
let way: ReturnType<typeof createSend>;
let products: string[];
let finds: PlacedFind[];

const keep = (place: string) => (text: string) =>
  writeFileSync(join(evidence, place), `${text}\n`, { flag: 'a', mode: 0o600 });
const gatewayUrl = () => `http://127.0.0.1:${store.port}`;

beforeAll(async () => {
  receiver = await startOtlpReceiver((span) => keep('spans')(JSON.stringify(span)));
  store = await startStore(state, [], receiver.environment);
  way = createSend(store.port, keep('answers'));
  const { admin } = ensureSecrets(layout.secrets);
  await restock(gatewayUrl(), admin, 100_000);
  products = await listProductIds(gatewayUrl());
});
afterAll(async () => {
  await way?.close();
  await endStore(store, remove);
  receiver.close();
  for (const folder of [evidence, scratch]) rmSync(folder, { recursive: true, force: true });
});

test(
  'a careless client sends passwords, cards and tokens in wrong places',
  async () => {
    const customer = await createCustomer(way.send, needles);
    const { card, groupedCard } = needles.makeCard();
    const [access, refresh] = ['access token', 'refresh token'].map(
      (kind) => needles.all.find((needle) => needle.kind === kind)?.text as string,
    );
    const token = customer.authorization.slice('Bearer '.length);
    const misplaced = [
      needles.makePassword(),
      card,
      groupedCard,
      token,
      access,
      refresh,
      needles.makePaymentToken(),
    ];
    const statuses: Record<number, number> = {};
    for (const secret of misplaced) {
      for (const wanted of misplace(secret as string, customer.authorization)) {
        const status = (await way.send(wanted))?.status ?? 0;
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }
    console.log(`answers by status: ${JSON.stringify(statuses)}`);
    expect(statuses[0], 'requests without an answer').toBe(undefined);
  },
  timeoutMs,
);

test(
  `${orders} orders are placed while requests fail, responses get lost and processes die`,
  async () => {
    const customers = await Promise.all(
      Array.from({ length: buyers }, () => createCustomer(way.send, needles)),
    );
    const { instances } = await store.status();
    const injectFaults = () =>
      Promise.allSettled(
        instances.map(({ faultsSocket }) =>
          setFaults(faultsSocket, { errorRate: 0.1, dropAfterCommitRate: 0.1 }),
        ),
      );
    let left = orders;
    const buy = async (customer: (typeof customers)[number]) => {
      await customer.visitShop(pick(products));
      for (let i = 1; left-- > 0; i++) {
        await customer.order(pick(products), random() < 0.2 ? needles.makePaymentToken() : 'tok_approved');
        if (i % 20 === 0) await customer.refresh();
      }
    };
    await injectFaults();
    const buying = Promise.all(customers.map(buy));
    const isOver = buying.then(() => true);
    do {
      for (const name of ['user-v1-1', 'postgres', 'order-v1-1']) {
        await killAndWait(name);
        await injectFaults();
      }
    } while (!(await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 60_000))])));
    await buying;
    await Promise.allSettled(instances.map(({ faultsSocket }) => setFaults(faultsSocket, {})));
    for (const customer of customers.slice(0, buyers / 2)) await customer.delete();
  },
  timeoutMs,
);

function pick<T>(list: T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** Kills a process by SIGABRT, on which a system may dump its memory, and waits for the restart. */
async function killAndWait(name: string): Promise<void> {
  const pid = await eventually(() => store.pidOf(name));
  process.kill(pid, name === 'postgres' ? 'SIGKILL' : 'SIGABRT');
  await eventually(() => ![undefined, pid].includes(store.pidOf(name)), 60_000);
  await eventually(
    async () => (await store.status()).instances.every(({ state: now }) => now === 'ready'),
    120_000,
  );
}

test(
  'a service crashes by an uncaught error while it checks passwords',
  async () => {
    const databases = (await store.databases()) as unknown as Record<string, string>;
    const { email } = needles.makePerson();
    const bodies = Array.from({ length: 8 }, () => ({ email, password: needles.makePassword() }));
    const code = await crashUserService(
      {
        ...receiver.environment,
        DATABASE_URL: databases.user as string,
        SIGNING_KEYS_FILE: join(layout.secrets, 'signing-keys.json'),
      },
      {
        headers: { authorization: `Bearer ${needles.makePassword()}` },
        bodies,
        logFile: join(evidence, 'crash'),
      },
    );
    expect([code, readFileSync(join(evidence, 'crash'), 'utf8')]).toEqual([
      1,
      expect.stringContaining('a mistake that nobody catches'),
    ]);
    const dumps = globSync('{.,services/*}/{core,core.*,report.*.json}', { cwd: config.root });
    expect(dumps, 'memory and reports that a dying process leaves').toEqual([]);
  },
  timeoutMs,
);

test('the search finds every encoding of every kind of secret', async () => {
  const kinds = needles.all.filter(({ kind }, i, all) => all.findIndex((one) => one.kind === kind) === i);
  const written = kinds.flatMap(({ kind, text }) =>
    [...encodings(text)].map(([as, how]) => ({ kind, as, how })),
  );
  const folder = join(scratch, 'kinds');
  mkdirSync(folder);
  for (const [i, { as }] of written.entries()) writeFileSync(join(folder, String(i)), `before ${as} after`);
  const found = await search(needles.all, [folder], scratch);
  expect(found.length).toBe(written.length);
  expect(new Set(found.map(({ kind, way: how }) => `${kind} ${how}`))).toEqual(
    new Set(written.map(({ kind, how }) => `${kind} ${how}`)),
  );
});

test(
  'logs, spans, metrics, tables, files and responses contain secrets only where these belong',
  async () => {
    await noteOwnSecrets(store, needles);
    await collectEvidence(store, evidence);
    // The database of a store that root has started is outside of the state folder.
    const roots = { database: layout.database, run: store.directory, evidence, state };
    const all = Object.values(roots);
    const folders = all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
    finds = (await search(needles.all, folders, scratch)).map((find) => ({
      ...find,
      place: placeOf(find.file, roots),
    }));
    const kinds = Map.groupBy(needles.all, ({ kind }) => kind);
    console.log(`${needles.all.length} needles of ${kinds.size} kinds, found ${finds.length} times`);
    expect(findHomeless(finds)).toEqual([]);
  },
  timeoutMs,
);

function placeOf(file: string, roots: Record<string, string>): string {
  const [name, root] = Object.entries(roots).find(([, path]) => file.startsWith(`${path}/`)) ?? ['', '/'];
  return `${name}/${relative(root, file)}`;
}

test('the searched files are not empty', async () => {
  const contents = {
    [join(layout.logs, 'order-v1-1.log')]: '"path":"/orders"',
    [join(evidence, 'spans')]: 'http.route',
    [join(evidence, 'metrics order-v1-1')]: 'http_server_request_duration_count',
    [join(evidence, 'envoy gateway stats')]: 'downstream_rq_completed',
    [join(evidence, 'table order public.idempotency_keys')]: 'POST /orders',
    [join(evidence, 'answers')]: 'urn:meshmart:problem:',
  };
  for (const [file, text] of Object.entries(contents)) {
    const start = createReadStream(file, { end: 4_000_000 }); // the spans of a long run exceed the maximum length of a string
    expect(Buffer.concat(await start.toArray()).includes(text), `${file}: ${text}`).toBe(true);
  }
});

test('secrets are where they belong, and only the owner may read these files', () => {
  for (const { place, kinds, isOwnersAlone } of homes) {
    const here = finds.filter((find) => place.test(find.place) && kinds.includes(find.kind));
    expect(here.length, `${place}`).toBeGreaterThan(0);
    if (!isOwnersAlone) continue;
    for (const { file } of here) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  }
});
