import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "requests that would be refused, by product's sidecars";

export default [
  {
    mutant: 'a policy for writes',
    change: (yaml) => yaml.replace('methods: [GET]', 'methods: [POST]'),
    expectation,
    observed: [0, 0],
  },
  {
    mutant: 'a policy for order',
    change: (yaml) => yaml.replace('app: product', 'app: order'),
    expectation,
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
