import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listSharedExperiments } from '@meshmart/experiment-runner/find-experiments';
import { config } from '@meshmart/toolchain/config';
import type { MeshState, Sources } from './local.ts';

export const checkout: Sources = {
  topology: join(config.root, 'topology.yaml'),
  meshConfig: join(config.root, 'mesh/mesh-config.yaml'),
  standing: join(config.root, 'mesh/istio'),
};

const everyFeature = join(import.meta.dirname, 'every-feature.yaml');

/** The standing mesh, and on top of it every feature that the local platform supports: what a recording holds. */
export const recordedStates: MeshState[] = [
  { name: 'standing', manifests: [] },
  { name: 'every feature', manifests: [everyFeature] },
];

/** What each experiment for both platforms applies besides. */
export async function listStatesOfExperiments(): Promise<MeshState[]> {
  const experiments = await listSharedExperiments(join(config.root, 'experiments'));
  return experiments.flatMap(({ name, folder }) => {
    const baseline = ['baseline.yaml'].map((file) => join(folder, file)).filter(existsSync);
    const observed = { name, manifests: [...baseline, join(folder, 'istio.yaml')] };
    return baseline.length > 0 ? [{ name: `${name}, baseline`, manifests: baseline }, observed] : [observed];
  });
}
