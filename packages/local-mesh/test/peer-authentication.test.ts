import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'peer-authentication-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const policy = (name: string, mode: string, selector = '') => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name} }
spec: { ${selector} mtls: { mode: ${mode} } }
---
`;
const labels = (list: string) => `selector: { matchLabels: { ${list} } },`;

async function translateOver(...layers: string[]) {
  let { resources } = mesh;
  for (const yaml of layers) {
    writeFileSync(file, yaml);
    resources = overlay(resources, await readResources([file]));
  }
  return translate({ ...mesh, resources });
}

/** Tells whether a sidecar accepts plain text, which has its own filter chain. */
async function takesPlainText(workload: string, ...layers: string[]): Promise<boolean> {
  const { proxies } = await translateOver(...layers);
  const inbound = proxies.get(workload)?.listeners.find(({ name }) => name === 'virtualInbound');
  return inbound?.filter_chains.length === 2;
}

test.each([
  '',
  'selector: {},',
  'selector: ,',
  'selector: { matchLabels: {} },',
  'selector: { matchLabels: },',
])('a policy with "%s" applies to the namespace, where the older one stays in force', async (selector) => {
  expect(await takesPlainText('product-v1-1', policy('ops', 'PERMISSIVE', selector))).toBe(false);
});

test('a policy with labels overrides one for the namespace', async () => {
  const ops = policy('ops', 'PERMISSIVE', labels('app: product'));
  expect(await takesPlainText('product-v1-1', ops)).toBe(true);
  expect(await takesPlainText('order-v1-1', ops)).toBe(false);
});

test('the older of two policies for a workload is in force', async () => {
  const older = policy('z', 'STRICT', labels('app: product, version: v1'));
  const younger = policy('a', 'PERMISSIVE', labels('version: v1, app: product'));
  const wider = policy('b', 'PERMISSIVE', labels('app: product'));
  expect(await takesPlainText('product-v1-1', older, younger)).toBe(false);
  expect(await takesPlainText('product-v1-1', older, wider)).toBe(false);
  expect(await takesPlainText('product-v2-1', older, wider)).toBe(true);
});

test('the first by name of two policies of one age is in force', async () => {
  const one = policy('b', 'PERMISSIVE', labels('app: user'));
  const other = policy('a', 'STRICT', labels('app: user'));
  expect(await takesPlainText('user-v1-1', one + other)).toBe(false);
});

test('a replaced policy keeps its age', async () => {
  const replaced = policy('default', 'PERMISSIVE');
  expect(await takesPlainText('product-v1-1', policy('ops', 'STRICT') + replaced)).toBe(true);
});

test('warns of a policy that an older one overrides', async () => {
  const { warnings } = await translateOver(policy('ops', 'PERMISSIVE', labels('')));
  const standing = mesh.resources.peerAuthentications[0];
  expect(warnings).toEqual([
    `${file}:4: Warning (PeerAuthentication meshmart/ops) workload selector specified without labels`,
    `${file}:3: Warning (PeerAuthentication meshmart/ops) default (${standing?.file}:${standing?.line}) is older and stays in force where both select a workload`,
  ]);
});
