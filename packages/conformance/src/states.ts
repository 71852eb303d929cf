import { join } from 'node:path';
import { listSharedExperiments, manifestsOf } from '@meshmart/experiment-runner/find-experiments';
import { config } from '@meshmart/toolchain/config';
import type { MeshState, Sources } from './local.ts';

/** The mesh of this checkout. */
export const checkout: Sources = {
  topology: join(config.root, 'topology.yaml'),
  meshConfig: join(config.root, 'mesh/mesh-config.yaml'),
  standing: join(config.root, 'mesh/istio'),
};

const everyFeature = join(import.meta.dirname, 'every-feature.yaml');

/** The states in a recording: the standing mesh, and every supported feature laid over it. */
export const recordedStates: [MeshState, MeshState] = [
  { name: 'standing', manifests: [] },
  { name: 'every feature', manifests: [everyFeature] },
];

/** Lists the states of the experiments that support both targets. */
export async function listStatesOfExperiments(): Promise<MeshState[]> {
  const experiments = await listSharedExperiments(join(config.root, 'experiments'));
  return experiments.flatMap((experiment) => {
    const { name } = experiment;
    const baseline = manifestsOf(experiment, 'baseline');
    const observed = { name, manifests: manifestsOf(experiment, 'observe') };
    return baseline.length > 0 ? [{ name: `${name}, baseline`, manifests: baseline }, observed] : [observed];
  });
}
