import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'weights of 70/30',
    change: (yaml) => yaml.replace('weight: 90', 'weight: 70').replace('weight: 10', 'weight: 30'),
    expectation: 'v2 share of GET /products',
    observed: [27, 33],
    inFull: true,
  },
  {
    mutant: 'weights of 100/0',
    change: (yaml) => yaml.replace('weight: 90', 'weight: 100').replace('weight: 10', 'weight: 0'),
    expectation: 'v2 share of GET /products',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
