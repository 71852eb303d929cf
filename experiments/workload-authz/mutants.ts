import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'every method for the gateway',
    change: (yaml) => yaml.replace('methods: [GET]', 'methods: ["*"]'),
    expectation: 'PATCH by the gateway',
    observed: [100, 100],
  },
  {
    mutant: 'every caller in the namespace',
    change: (yaml) => yaml.replace('sa/gateway', 'sa/*'),
    expectation: 'GET by the storefront',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
