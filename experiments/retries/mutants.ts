import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'one retry only',
    change: (yaml) => yaml.replace('attempts: 2', 'attempts: 1'),
    expectation: 'GET that fails',
    observed: [5, 13],
  },
  {
    mutant: 'a condition that a response does not meet',
    change: (yaml) => yaml.replace('retryOn: 5xx', 'retryOn: connect-failure'),
    expectation: 'GET that fails',
    observed: [22, 38],
  },
] satisfies ManifestMutant[];
