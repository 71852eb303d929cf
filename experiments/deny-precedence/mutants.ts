import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'ALLOW in place of DENY',
    change: (yaml) => yaml.replace('action: DENY', 'action: ALLOW'),
    expectation: 'GET /products',
    observed: [100, 100],
  },
  {
    mutant: 'a DENY for another path',
    change: (yaml) => yaml.replace('[/products, /products/*]', '[/products/*]'),
    expectation: 'GET /products',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
