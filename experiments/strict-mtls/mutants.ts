import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a policy for order',
    change: (yaml) => yaml.replace('app: product', 'app: order'),
    expectation: "plain HTTP to product's sidecar, accepted",
    observed: [100, 100],
  },
  {
    mutant: 'mode PERMISSIVE',
    change: (yaml) => yaml.replace('mode: STRICT', 'mode: PERMISSIVE'),
    expectation: "plain HTTP to product's sidecar, accepted",
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
