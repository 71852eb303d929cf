import { expect, test } from 'vitest';
import { waitUntilDistributed } from '../../../src/on-cluster/istio/distribution.ts';
import type { KubeObject } from '../../../src/on-cluster/manifests.ts';
import { createFakeKube } from '../fake-kube.ts';

const service: KubeObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'store' },
  spec: {},
};

async function setUp() {
  const kube = createFakeKube();
  const { items } = JSON.parse(await kube.send('apply', [service]));
  kube.calls.length = 0;
  return { kube, applied: items as KubeObject[] };
}

test.each(['configz', 'pushcontext', 'syncz'] as const)('asks again while %s is behind', async (question) => {
  const { kube, applied } = await setUp();
  kube.istiod.delay[question] = 3;
  await waitUntilDistributed(kube, { applied, deleted: [] });
  expect(kube.istiod.delay[question]).toBeLessThan(0);
  expect(kube.calls).toEqual([
    'apply AuthorizationPolicy/experiment-mark',
    'delete AuthorizationPolicy/experiment-mark',
    'push',
  ]);
});

test('waits for the version that was stored', async () => {
  const { kube, applied } = await setUp();
  const newer = applied.map((object) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: '100' },
  }));
  let asked = 0;
  const { run } = kube;
  kube.run = async (...args) => {
    if (args.at(-1) === '/debug/configz' && ++asked === 3) {
      for (const object of newer) kube.objects.set('networking.istio.io/VirtualService/store', object);
    }
    return run(...args);
  };
  await waitUntilDistributed(kube, { applied: newer, deleted: [] });
  expect(asked).toBe(3);
});

test('waits until what was deleted is gone', async () => {
  const { kube, applied } = await setUp();
  let asked = 0;
  const { run } = kube;
  kube.run = async (...args) => {
    if (args.at(-1) === '/debug/configz' && ++asked === 3) kube.objects.clear();
    return run(...args);
  };
  await waitUntilDistributed(kube, { applied: [], deleted: applied });
  expect(asked).toBe(3);
});

test('ignores the acknowledgement of an earlier push', async () => {
  const { kube, applied } = await setUp();
  const { run } = kube;
  let asked = 0;
  // The push is delayed until the third request.
  kube.run = async (...args) => {
    if (args.at(-1)?.includes('push=true')) return '';
    if (args.at(-1)?.includes('syncz') && ++asked === 4)
      await run('pilot-discovery', '/debug/adsz?push=true');
    return run(...args);
  };
  await waitUntilDistributed(kube, { applied, deleted: [] });
  expect(asked).toBe(4);
});

test('waits for a proxy that is not connected to istiod', async () => {
  const { kube, applied } = await setUp();
  const { run } = kube;
  let asked = 0;
  kube.run = async (...args) => (args.at(-1)?.includes('syncz') && ++asked < 4 ? '[]' : run(...args));
  await waitUntilDistributed(kube, { applied, deleted: [] });
  expect(asked).toBe(4);
});

test('ignores objects that istiod does not keep', async () => {
  const { kube, applied } = await setUp();
  const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', resourceVersion: '7' } };
  await waitUntilDistributed(kube, { applied: [...applied, other], deleted: [] });
});

test('names the proxy that rejects it, with the reason', async () => {
  const { kube, applied } = await setUp();
  kube.istiod.rejects = { name: 'store', reason: 'unknown cluster' };
  await expect(waitUntilDistributed(kube, { applied, deleted: [] })).rejects.toThrow(
    'gateway-1.meshmart rejects the configuration: unknown cluster',
  );
});
