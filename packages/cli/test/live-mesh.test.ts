import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planGateway, planInstances } from '../src/platform/instances.ts';
import { createLiveMesh } from '../src/platform/live-mesh.ts';
import { readMesh } from '../src/platform/mesh.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('who tells of readiness while somebody else is about to waits until it is told', async () => {
  const folder = temporaryFolder();
  const services = { product: { versions: { v1: 1 }, database: false, calls: [] } };
  const workloads = planInstances(
    { namespace: 'meshmart', gateway: { calls: ['product'] }, services },
    folder,
    [4242],
  );
  const directory = join(folder, 'xds');
  const mesh = await readMesh({
    namespace: 'meshmart',
    directory,
    workloads,
    gateway: planGateway(folder, 8080),
  });
  const live = createLiveMesh(mesh);
  const first = live.publishReadiness();
  await live.publishReadiness();
  expect(existsSync(join(directory, 'gateway/lds.json'))).toBe(true);
  await first;
});
