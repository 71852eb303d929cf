import { globSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHelm, runKubectl } from '@meshmart/cluster/access';
import { storeTag } from '@meshmart/cluster/store-tag';
import { readTopology } from '@meshmart/store-client/topology';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runKubeScore } from './kube-score.ts';
import { findStandingCluster } from './standing-cluster.ts';

const { access } = findStandingCluster();
const charts = join(config.root, 'charts');
const namespace = 'meshmart-charts';
const folder = makeTemporaryFolder();
const { services, gateway } = await readTopology(join(config.root, 'topology.yaml'));

const variants: Record<string, string[]> = {
  'as it is': [],
  'with everything switched on': Object.keys(services).flatMap((name) => [
    '--set',
    `${name}.autoscaling.enabled=true,${name}.ingress.enabled=${gateway.calls.includes(name)}`,
  ]),
  'with a database of its own': ['--set', 'global.externalDatabase.secret=my-databases'],
};

beforeAll(async () => {
  await removeNamespace();
  const manifest = join(folder, 'namespace.yaml');
  // Kubernetes only warns about a Deployment whose pods it will refuse.
  const levels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: levels } };
  writeFileSync(manifest, JSON.stringify(object));
  await runKubectl(access, ['apply', '-f', manifest]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await removeNamespace();
});

async function removeNamespace() {
  await runKubectl(access, ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=5m']);
}

async function render(values: string[]): Promise<string> {
  const args = [
    'template',
    'store',
    join(charts, 'store'),
    '-n',
    namespace,
    '--kube-version',
    versions.kubernetes,
    '--set-string',
    'global.image.registry=',
  ];
  const manifest = join(folder, 'store.yaml');
  writeFileSync(manifest, await runHelm(access, [...args, ...values]));
  return manifest;
}

test.each(
  readdirSync(charts, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
)('Helm finds nothing wrong with the chart %s', async (chart) => {
  const values = globSync('values-*.yaml', { cwd: join(charts, chart) });
  for (const file of values.length > 0 ? values : [undefined]) {
    const more = file ? ['-f', join(charts, chart, file)] : [];
    expect(await runHelm(access, ['lint', '--strict', join(charts, chart), ...more])).toContain(
      '0 chart(s) failed',
    );
  }
});

describe.each(Object.entries(variants))('the store %s', (_variant, values) => {
  test('is valid for Kubernetes, and needs no more than Pod Security "restricted"', async () => {
    const manifest = await render(values);
    const args = ['apply', '-n', namespace, '-f', manifest, '--dry-run=server', '--validate=strict'];
    const output = await runKubectl(access, [...args, '--warnings-as-errors']);
    expect(output).toMatch(/deployment.apps\/storefront-v1 created \(server dry run\)/);
  });

  test('satisfies kube-score', async () => {
    const lines = await runKubeScore(await render(values));
    expect(lines).toContainEqual(expect.stringMatching(/^\[OK\] storefront-v1/));
    expect(lines.filter((line) => /^\[(CRITICAL|WARNING)\]/.test(line))).toEqual([]);
  });
});

test('Helm alone installs a working store, and upgrades it without losing its secrets', async () => {
  await install();
  const readSecrets = () =>
    runKubectl(access, [
      'get',
      'secrets',
      '-n',
      namespace,
      '--selector',
      'app.kubernetes.io/part-of=meshmart',
      '--output=jsonpath={.items[*].data}',
    ]);
  const secrets = await readSecrets();
  expect(await buyInside()).toBe('confirmed');
  await install('storefront.versions.v1.replicas=2');
  expect(await readSecrets()).toBe(secrets);
  expect(await buyInside()).toBe('confirmed');
});

test('a busy service gets as many replicas as its autoscaler allows', async () => {
  await install('storefront.autoscaling.enabled=true,storefront.autoscaling.maxReplicas=3');
  const least = ['--for=jsonpath={.status.readyReplicas}=2', '--timeout=3m'];
  await runKubectl(access, ['wait', 'deployment/storefront-v1', '-n', namespace, ...least]);
  const forALongTime = ['node', '--eval', 'while (performance.now() < 180_000);'];
  const busy = inStorefront(forALongTime).catch(() => 'its pod is gone');
  const most = ['--for=jsonpath={.status.readyReplicas}=3', '--timeout=3m'];
  await runKubectl(access, ['wait', 'deployment/storefront-v1', '-n', namespace, ...most]);
  await uninstall();
  expect(await busy).toBe('its pod is gone');
});

test('Helm removes everything that it has installed', async () => {
  await install();
  await uninstall();
  const kinds = 'deployments,statefulsets,services,secrets,configmaps,serviceaccounts,networkpolicies';
  const args = ['get', kinds, '-n', namespace, '--selector', 'app.kubernetes.io/part-of=meshmart'];
  expect(await runKubectl(access, [...args, '--output', 'name'])).toBe('');
});

function install(...values: string[]): Promise<string> {
  const set = [
    'global.image.registry=',
    `global.image.tag=${storeTag()}`,
    'postgres.persistence.enabled=false',
    ...values,
  ].join(',');
  const args = ['upgrade', '--install', 'store', join(charts, 'store'), '-n', namespace];
  return runHelm(access, [...args, '--wait', '--timeout', '10m', '--set', set]);
}

const uninstall = () => runHelm(access, ['uninstall', 'store', '-n', namespace, '--wait']);
const inStorefront = (command: string[]) =>
  runKubectl(access, ['exec', 'deployment/storefront-v1', '-n', namespace, '--', ...command]);

/** Orders from a pod of the store, because there is no gateway without the mesh. @returns the order's status */
async function buyInside(): Promise<string> {
  const program = `
    const json = { 'content-type': 'application/json' };
    const post = async (url, body, headers = {}) =>
      (await fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })).json();
    const login = { email: crypto.randomUUID() + '@meshmart.example', password: crypto.randomUUID() };
    await post('http://user/users', { ...login, name: 'Helm' });
    const { accessToken } = await post('http://user/sessions', login);
    const { items } = await (await fetch('http://product/products?limit=1')).json();
    const body = { items: [{ productId: items[0].id, quantity: 1 }], paymentToken: 'tok_approved' };
    const headers = { authorization: 'Bearer ' + accessToken, 'idempotency-key': crypto.randomUUID() };
    console.log((await post('http://order/orders', body, headers)).status);`;
  return (await inStorefront(['node', '--input-type=module', '--eval', program])).trim();
}
