import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'requests with a handshake of their own';

export default [
  {
    mutant: 'a hundred requests for each connection',
    change: (yaml) => yaml.replace('maxRequestsPerConnection: 1', 'maxRequestsPerConnection: 100'),
    expectation,
    observed: [0, 20],
  },
  {
    mutant: 'the limit for another service',
    change: (yaml) => yaml.replaceAll(/(name|host): product/g, '$1: storefront'),
    expectation,
    observed: [0, 20],
  },
] satisfies ManifestMutant[];
