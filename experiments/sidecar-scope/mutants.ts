import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a scope for order',
    change: (yaml) => yaml.replace('app: storefront', 'app: order'),
    expectation: "clusters in the storefront's proxy",
    observed: [10, 1000],
  },
  {
    mutant: 'every host',
    change: (yaml) => yaml.replace('./order.meshmart.svc.cluster.local', '"*/*"'),
    expectation: "clusters in the storefront's proxy",
    observed: [10, 1000],
  },
] satisfies ManifestMutant[];
