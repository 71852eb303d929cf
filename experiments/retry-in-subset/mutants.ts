import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a condition that a response does not meet',
    change: (yaml) => yaml.replace('retryOn: 5xx', 'retryOn: connect-failure'),
    expectation: 'requests to v2, per request drawn for it',
    observed: [1, 1],
  },
  {
    mutant: 'one destination for both versions',
    change: (yaml) =>
      yaml.replace(/ {6}route:[\s\S]*/, '      route: [{ destination: { host: product } }]\n'),
    expectation: 'requests to v2, per request drawn for it',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
