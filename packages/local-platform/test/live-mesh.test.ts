import { join } from 'node:path';
import { translate } from '@meshmart/local-mesh/translate';
import { serveXds } from '@meshmart/local-mesh/xds-server';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { planGateway, planInstances } from '../src/instances.ts';
import { createLiveMesh } from '../src/live-mesh.ts';
import { readMesh } from '../src/mesh.ts';

test('a change of readiness that joins a queued one resolves when it is published', async () => {
  const folder = temporaryFolder();
  const services = { product: { versions: { v1: 1 }, database: false, calls: [] } };
  const workloads = planInstances(
    { namespace: 'meshmart', gateway: { calls: ['product'] }, services },
    folder,
    [4242],
  );
  const mesh = await readMesh({
    namespace: 'meshmart',
    workloads,
    gateway: planGateway(folder, 8080),
  });
  const xds = await serveXds(join(folder, 'xds.sock'));
  onTestFinished(() => xds.close());
  const live = createLiveMesh(mesh, xds, folder);
  const first = live.publishReadiness();
  await live.publishReadiness();
  expect(
    xds.set({ proxy: 'gateway', type: 'listeners' }, translate(mesh).proxies.get('gateway')?.listeners ?? []),
  ).toBe(false);
  await first;
});
