import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a delay of 100 ms',
    change: (yaml) => yaml.replace('400ms', '100ms'),
    expectation: 'median of GET /products',
    observed: [100, 300],
  },
  {
    mutant: 'a delay of one request in ten',
    change: (yaml) => yaml.replace('value: 100', 'value: 10'),
    expectation: 'median of GET /products',
    observed: [0, 200],
  },
] satisfies ManifestMutant[];
