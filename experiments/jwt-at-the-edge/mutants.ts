import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'another issuer',
    change: (yaml) => yaml.replace('https://meshmart.example', 'https://other.example'),
    expectation: 'a good token, answered 200',
    observed: [0, 0],
  },
  {
    mutant: 'a policy for another path',
    change: (yaml) => yaml.replace('[/orders, /orders/*]', '[/order]'),
    expectation: 'no token, passed to order',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
