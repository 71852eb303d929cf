import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'room for three',
    change: (yaml) => yaml.replace(/: 1$/gm, ': 3'),
    expectation: 'refused of three at a time',
    observed: [0, 0],
  },
  {
    mutant: 'a pool for another service',
    change: (yaml) => yaml.replaceAll('storefront', 'user'),
    expectation: 'refused of three at a time',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
