import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'GET /products, answered';

export default [
  {
    mutant: 'ISTIO_MUTUAL',
    change: (yaml) => yaml.replace('DISABLE', 'ISTIO_MUTUAL'),
    expectation,
    observed: [100, 100],
  },
  {
    mutant: 'a rule for the storefront',
    change: (yaml) => yaml.replaceAll(/(name|host): product/g, '$1: storefront'),
    expectation,
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
