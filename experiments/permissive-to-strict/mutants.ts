import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'outside the mesh, accepted at the end';

export default [
  {
    mutant: 'PERMISSIVE',
    change: (yaml) => yaml.replace('STRICT', 'PERMISSIVE'),
    expectation,
    observed: [100, 100],
    inFull: true,
  },
  {
    mutant: 'STRICT for another service',
    change: (yaml) => yaml.replaceAll('product', 'payment'),
    expectation,
    observed: [100, 100],
    inFull: true,
  },
] satisfies ManifestMutant[];
