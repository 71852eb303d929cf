import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

interface Resource {
  kind: string;
  metadata: { name: string };
  spec: {
    hosts?: string[];
    rules?: object[];
    subsets?: object[];
    trafficPolicy?: { outlierDetection?: Record<string, unknown> };
  };
}

async function readAll(path: string): Promise<Resource[]> {
  const text = await readFile(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS());
}

async function readStanding(): Promise<Resource[]> {
  const folder = fileURLToPath(new URL('../../../../mesh/istio', import.meta.url));
  const resources = await Promise.all((await readdir(folder)).map((file) => readAll(`mesh/istio/${file}`)));
  return resources.flat().filter(({ kind }) => kind === 'VirtualService');
}

// A VirtualService without hosts has no effect unless another one delegates to it.
test.each([
  'canary/istio.yaml',
  'fault-delay/istio.yaml',
  'fault-abort/istio.yaml',
  'blue-green/istio.yaml',
  'outlier-ejection/baseline.yaml',
  'rolling-restart/baseline.yaml',
  'chaos-checkout/istio.yaml',
])('%s replaces standing VirtualServices, and none of their hosts', async (file) => {
  const standing = await readStanding();
  const changed = (await readAll(`experiments/${file}`)).filter(({ kind }) => kind === 'VirtualService');
  const hostsOf = (resources: Resource[]) =>
    new Map(resources.map(({ metadata, spec }) => [metadata.name, spec.hosts]));
  expect(hostsOf([...standing, ...changed])).toEqual(hostsOf(standing));
});

const ruleOf = async (file: string) => (await readAll(file)).find(({ kind }) => kind === 'DestinationRule');

// Calls inside the mesh name a subset; without it they would be 503 while the experiment runs.
test.each(['baseline', 'istio'])("outlier-ejection/%s.yaml brings product's subsets", async (name) => {
  const standing = await ruleOf('mesh/istio/product.yaml');
  const changed = await ruleOf(`experiments/outlier-ejection/${name}.yaml`);
  expect(changed?.spec.subsets).toEqual(standing?.spec.subsets);
});

test('outlier-ejection changes nothing but how many may be ejected', async () => {
  const before = await ruleOf('experiments/outlier-ejection/baseline.yaml');
  const after = await ruleOf('experiments/outlier-ejection/istio.yaml');
  const { maxEjectionPercent, ...rest } = after?.spec.trafficPolicy?.outlierDetection ?? {};
  expect(maxEjectionPercent).toBe(50);
  const trafficPolicy = { ...after?.spec.trafficPolicy, outlierDetection: rest };
  expect({ ...after, spec: { ...after?.spec, trafficPolicy } }).toEqual(before);
});

test('blue-green changes nothing but the version', async () => {
  const before = await readAll('experiments/blue-green/baseline.yaml');
  const after = await readAll('experiments/blue-green/istio.yaml');
  const toGreen = JSON.stringify(before).replaceAll('"subset":"v1"', '"subset":"v2"');
  expect(after).toEqual(JSON.parse(toGreen));
  expect(after).not.toEqual(before);
});

test('gateway-api changes nothing but the weights of the route', async () => {
  const routeOf = async (file: string) => (await readAll(file)).find(({ kind }) => kind === 'HTTPRoute');
  const before = await routeOf('experiments/gateway-api/baseline.yaml');
  const after = await routeOf('experiments/gateway-api/istio.yaml');
  const rules = (before?.spec.rules ?? []).map((rule) => ({ ...rule, backendRefs: expect.any(Array) }));
  expect(after).toEqual({ ...before, spec: { ...before?.spec, rules } });
  expect(after).not.toEqual(before);
});
