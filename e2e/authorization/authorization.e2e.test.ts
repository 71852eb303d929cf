import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl, type PlatformStatus } from '@meshmart/local-platform/control/client';
import { readTopology } from '@meshmart/store-client/topology';
import { eventually } from '@meshmart/test-support/eventually';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIdentity } from '../proxy-identity.ts';
import { endStore, makeState, type RunningStore, startStore } from '../running-store.ts';
import { attemptsOf, findAttempt, keyOf, peerCalls } from './attempts.ts';
import { type Line, openLine, servedBy } from './calls.ts';
import { forgeIdentity, openTls } from './identities.ts';
import { listRunningApps, type Route, type RunningApp } from './running-routes.ts';
import { denyPaths, spellingsOf } from './spellings.ts';
import { harmlessCall, openDoors, reach } from './through-mesh.ts';
import { makeBadTokens } from './tokens.ts';
import { proveOwner, tryRoute } from './try-route.ts';
import { findUselessPermissions } from './useless-permissions.ts';
import { createWorld, prepareKeys, type World } from './world.ts';

const topology = await readTopology(join(config.root, 'topology.yaml'));
const services = Object.keys(topology.services);
const { state, layout, remove } = makeState();
const keys = prepareKeys(layout);
const lines: Line[] = [];
let store: RunningStore;
let instances: PlatformStatus['instances'];
let world: World;
let apps: RunningApp[];

beforeAll(async () => {
  store = await startStore(state);
  ({ instances } = await store.status());
  [world, apps] = await Promise.all([createWorld(store, keys), listRunningApps(store)]);
});
afterAll(async () => {
  await Promise.all([world, ...lines].map((one) => one?.close()));
  await endStore(store, remove);
});

function open(...args: Parameters<typeof openLine>): Line {
  const line = openLine(...args);
  lines.push(line);
  return line;
}
const appOf = (service: string) => apps.find((app) => app.service === service) as RunningApp;
const instanceOf = (service: string) =>
  instances.find((one) => one.service === service) as (typeof instances)[0];
/** Opens connections from a service through its own sidecar. */
const openFrom = (caller: string, callee: string) =>
  open(`http://${callee}`, { socketPath: join(store.directory, `${instanceOf(caller).name}.out`) });
const isForPeople = ({ access }: Route) => ['anonymous', 'customer', 'admin'].includes(access ?? '');

/** Checks every route of every service. @returns a line for each difference */
async function everywhere(
  compare: (route: Route, service: string) => Promise<[actual: string, expected: string]>,
) {
  const all = services.flatMap((service) => appOf(service).routes.map((route) => ({ route, service })));
  const outcomes = await Promise.all(
    all.map(async ({ route, service }) => {
      const [actual, expected] = await compare(route, service);
      return actual === expected
        ? []
        : [`${route.method} ${route.url} of ${service}: ${actual}, not ${expected}`];
    }),
  );
  return outcomes.flat();
}

/**
 * Ends every connection from before a change, which would keep its old policies for up to 45 s. Resolves when every
 * line gets responses again.
 */
async function restartProxies(ways: Line[]): Promise<void> {
  const proxies = store.processes().filter(({ name }) => name === 'gateway' || name.endsWith('-sidecar'));
  for (const { pid } of proxies) process.kill(pid, 'SIGKILL');
  await eventually(() => proxies.every(({ name, pid }) => ![undefined, pid].includes(store.pidOf(name))));
  const isReady = async () => (await store.status()).instances.every(({ state }) => state === 'ready');
  const responds = (line: Line) =>
    line.send({ method: 'GET', path: '/nothing' }).then(
      () => true,
      () => false,
    );
  await eventually(
    async () => (await isReady()) && (await Promise.all(ways.map(responds))).every(Boolean),
    60_000,
  );
}

describe('the services', () => {
  test('declare who may call each route', () => {
    const silent = apps.flatMap(({ instance, routes }) =>
      routes.filter(({ access }) => !access).map(({ method, url }) => `${method} ${url} of ${instance}`),
    );
    expect(silent).toEqual([]);
    expect(new Set(apps.map(({ service }) => service))).toEqual(new Set(services));
  });

  test('have exactly the routes that are tried here', () => {
    for (const { service, routes } of apps) {
      expect([...new Set(routes.map(keyOf))].sort()).toEqual(Object.keys(attemptsOf(service)).sort());
    }
  });

  test.each(services)('%s responds to every caller as its routes declare', async (service) => {
    const wrong: string[] = [];
    for (const app of apps.filter((one) => one.service === service)) {
      for (const route of app.routes) wrong.push(...(await tryRoute(world, app, route)));
    }
    expect(wrong).toEqual([]);
  });
});

describe('the mesh', () => {
  test('carries the calls of topology.yaml: a peer calls every route for services, and none for operators', () => {
    const pairs = Object.entries(topology.services).flatMap(([caller, { calls }]) =>
      calls.map((callee) => `${caller} → ${callee}`),
    );
    expect(Object.keys(peerCalls).sort()).toEqual(pairs.sort());
    const asked = (service: string) =>
      Object.entries(peerCalls).flatMap(([pair, routes]) => (pair.endsWith(` → ${service}`) ? routes : []));
    for (const service of services) {
      const named = (allowed: string[]) =>
        appOf(service)
          .routes.filter(({ method, access }) => method !== 'HEAD' && allowed.includes(access ?? ''))
          .map(keyOf);
      expect(named(['anonymous', 'customer', 'admin', 'service'])).toEqual(
        expect.arrayContaining(asked(service)),
      );
      expect(asked(service)).toEqual(expect.arrayContaining(named(['service'])));
    }
  });

  test.each(services)('lets %s call the routes of its peers that it needs, and no others', async (caller) => {
    const to = new Map(services.map((service) => [service, openFrom(caller, service)]));
    const wrong = await everywhere(async (route, service) => {
      const isAsked = peerCalls[`${caller} → ${service}`]?.includes(`${route.method} ${route.url}`);
      const actual = await reach(to.get(service) as Line, service, harmlessCall(route));
      return [actual, isAsked ? 'let in' : 'denied'];
    });
    expect(wrong).toEqual([]);
  });

  test('lets the gateway call the routes for people, whose tokens the services check', async () => {
    const gateway = open(`http://127.0.0.1:${store.port}`);
    const [forged] = Object.values(makeBadTokens(keys, world.admin)) as [string];
    const wrong = await everywhere(async (route, service) => {
      const call = harmlessCall(route);
      const actual = await reach(gateway, service, call);
      if (!isForPeople(route)) return [actual, 'no route'];
      const plain = await gateway.send(call);
      const withForged = await gateway.send({ ...call, headers: { authorization: `Bearer ${forged}` } });
      const refused = [plain, withForged].filter(({ status }) => status === 401).length;
      const expected = route.access === 'anonymous' ? 0 : 2;
      return [`${actual}, ${refused} of 2 refused`, `let in, ${expected} of 2 refused`];
    });
    expect(wrong).toEqual([]);
  });

  test('denies the gateway all other routes, even if the gateway routes to them', async () => {
    const file = join(state, 'open-doors.yaml');
    writeFileSync(file, openDoors(services));
    const control = connectControl(join(store.directory, 'control.sock'));
    await control.apply('authorization', [file]);
    const gateway = open(`http://127.0.0.1:${store.port}`);
    const wrong = await everywhere(async (route, service) => {
      const headers = { 'x-to': service };
      const actual = await reach(gateway, service, { ...harmlessCall(route), headers });
      return [actual, isForPeople(route) ? 'let in' : 'denied'];
    });
    await control.restore();
    expect(wrong).toEqual([]);
  });

  test('cuts callers without an identity of the mesh', async () => {
    const forged = await forgeIdentity();
    for (const { name, service, inboundPort } of instances) {
      const plain = open(`http://127.0.0.1:${inboundPort}`);
      for (const route of appOf(service).routes) {
        expect([name, await reach(plain, service, harmlessCall(route))]).toEqual([name, 'cut']);
      }
    }
    const { inboundPort } = instanceOf('payment');
    const identities = [undefined, forged, await readIdentity(store.directory, 'order-v1-1')];
    const outcomes = [];
    for (const identity of identities) {
      const line = openTls(inboundPort, identity);
      lines.push(line);
      outcomes.push(await reach(line, 'payment', { method: 'GET', path: '/payments/none' }));
    }
    expect(outcomes).toEqual(['cut', 'cut', 'let in']);
  });

  test('grants no access by another spelling of a path', async () => {
    const reservation = { method: 'PUT', path: `/reservations/${crypto.randomUUID()}` };
    const items = [{ productId: world.productId, quantity: 1 }];
    await world.must('product', { ...reservation, body: { items } });
    const { path } = reservation;
    expect((await openFrom('order', 'product').send({ method: 'GET', path })).status).toBe(200);
    for (const line of [open(`http://127.0.0.1:${store.port}`), openFrom('storefront', 'product')]) {
      for (const spelling of spellingsOf(path)) {
        const { status, text } = await line.send({ method: 'GET', path: spelling });
        // The gateway redirects from an escaped slash to the plain path, which is one of the spellings.
        const isIn = status < 300 || text.includes(world.productId);
        expect([spelling, isIn]).toEqual([spelling, false]);
      }
    }
  });

  test('denies every spelling of a denied path', async () => {
    const attempts = services.flatMap((service) =>
      appOf(service)
        .routes.filter(({ method }) => method !== 'HEAD')
        .map(async (route) => {
          const { path, headers, body, owner } = await findAttempt(service, route)(world);
          const credentials = owner && proveOwner(appOf(service), owner.token);
          return {
            service,
            path,
            call: { method: route.method, headers: { ...headers, ...credentials }, body },
          };
        }),
    );
    const all = await Promise.all(attempts);
    const pathsOf = (service: string) =>
      all.filter((one) => one.service === service).map(({ path }) => path.split('?', 1)[0] as string);
    const callers = ['gateway', 'payment']; // payment calls no peer
    const file = join(state, 'denied-paths.yaml');
    const denied = denyPaths(callers, new Map(services.map((service) => [service, pathsOf(service)])));
    writeFileSync(file, `${openDoors(services)}---${denied}`);
    const control = connectControl(join(store.directory, 'control.sock'));
    await control.apply('authorization', [file]);
    const gateway = open(`http://127.0.0.1:${store.port}`);
    const peers = new Map(services.map((service) => [service, openFrom('payment', service)]));
    await restartProxies([gateway, ...peers.values()]);

    let denials = 0;
    const outcomes = all.map(async ({ service, path, call }) => {
      const headers = { ...call.headers, 'x-to': service };
      const answered: string[] = [];
      for (const spelling of spellingsOf(path)) {
        for (const line of [gateway, peers.get(service) as Line]) {
          const answer = await line.send({ ...call, headers, path: spelling });
          // The route would respond to this call with another status.
          const isRefused = servedBy(answer) !== service || [400, 404, 405].includes(answer.status);
          if (!isRefused) answered.push(`${call.method} ${spelling} of ${service}: ${answer.status}`);
          if (answer.status === 403) denials++;
        }
      }
      return answered;
    });
    const answered = (await Promise.all(outcomes)).flat();
    await control.restore();
    expect(answered).toEqual([]);
    expect(denials).toBeGreaterThan(all.length * 2);
  });

  test('grants no permission without a route', async () => {
    expect(await findUselessPermissions(apps)).toEqual([]);
  });
});
