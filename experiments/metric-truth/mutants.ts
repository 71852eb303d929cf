import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'failed requests';

export default [
  {
    mutant: '30 % instead of 10 %',
    change: (yaml) => yaml.replace('value: 10', 'value: 30'),
    expectation,
    observed: [26, 34],
  },
  {
    mutant: 'a fault in the sidecars alone',
    change: (yaml) =>
      yaml.replace('name: gateway-product', 'name: product').replace('spec:', 'spec:\n  hosts: [product]'),
    expectation,
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
