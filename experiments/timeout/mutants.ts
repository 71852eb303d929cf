import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a timeout of 7 s',
    change: (yaml) => yaml.replace('timeout: 3s', 'timeout: 7s'),
    expectation: 'responses that are 504',
    observed: [0, 0],
  },
  {
    mutant: 'a timeout of 2 s',
    change: (yaml) => yaml.replace('timeout: 3s', 'timeout: 2s'),
    expectation: 'half of the responses within',
    observed: [1950, 2940],
  },
] satisfies ManifestMutant[];
