import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEADLINE_MS } from '@meshmart/service/peers';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

interface HttpRoute {
  name: string;
  match?: { method?: { regex?: string } }[];
  timeout?: string;
  retries?: { attempts: number; perTryTimeout?: string; retryOn: string };
  route?: { destination: { host: string } }[];
  delegate?: { name: string };
}
interface Resource {
  kind: string;
  metadata: { name: string };
  spec: { hosts?: string[]; gateways?: string[]; http: HttpRoute[] };
}

const folder = join(config.root, 'mesh/istio');
const virtualServices = readdirSync(folder)
  .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
  .map((document) => document.toJS() as Resource)
  .filter(({ kind }) => kind === 'VirtualService');
const routes = virtualServices
  .filter(({ spec }) => spec.hosts)
  .flatMap(({ metadata, spec }) =>
    spec.http.map((route) => ({ ...route, service: metadata.name, isOfPeers: !spec.gateways })),
  );
const toMs = (time = '') => (time.endsWith('ms') ? 1 : 1000) * Number.parseFloat(time);
const isForReads = ({ match = [] }: HttpRoute) =>
  match.length > 0 && match.every(({ method }) => method?.regex === 'GET|HEAD');
const [reads, writes] = [routes.filter(isForReads), routes.filter((route) => !isForReads(route))];

test.each(routes)('all tries of $name of $service fit into its timeout', ({ timeout, retries }) => {
  const { attempts = 0, perTryTimeout } = retries ?? {};
  expect(toMs(timeout)).toBeLessThanOrEqual(15_000);
  if (perTryTimeout) expect(toMs(perTryTimeout) * (1 + attempts)).toBeLessThanOrEqual(toMs(timeout));
});

/** Longer deadlines: the storefront waits for an order, and only browsers call the storefront. */
const deadlinesMs: Record<string, number> = { order: 6500, storefront: Number.POSITIVE_INFINITY };

test.each(routes.filter(({ isOfPeers }) => isOfPeers))('$name times out before its callers do', (route) => {
  expect(toMs(route.timeout)).toBeLessThanOrEqual(deadlinesMs[route.service] ?? DEADLINE_MS);
});

test.each(virtualServices.filter(({ spec }) => !spec.hosts))(
  '$metadata.name leaves timeouts and retries to the rule that delegates to it',
  ({ spec }) => expect(spec.http).toEqual([{ route: expect.any(Array) }]),
);

test.each(reads)('$name of $service is retried once', ({ retries }) => {
  expect(retries).toMatchObject({ attempts: 1, retryOn: expect.stringMatching(/^(gateway-error,)?reset$/) });
  expect(toMs(retries?.perTryTimeout)).toBeGreaterThan(0);
});

test.each(writes)('$name of $service is retried only if it has not arrived', ({ retries }) => {
  expect(retries).toMatchObject({ retryOn: 'connect-failure,refused-stream' });
  expect(retries).not.toHaveProperty('perTryTimeout');
});

const { services } = await readTopology(join(config.root, 'topology.yaml'));
const isCalled = (service: string) => Object.values(services).some(({ calls }) => calls.includes(service));
const byTarget = Map.groupBy(
  routes.filter(({ service, isOfPeers }) => !isOfPeers || isCalled(service)),
  ({ service, delegate, route }) => `${service}, ${delegate?.name ?? route?.[0]?.destination.host}`,
);

test.each([...byTarget])('%s has a route for reads', (_target, ofTarget) => {
  expect(ofTarget.some(isForReads)).toBe(true);
});
