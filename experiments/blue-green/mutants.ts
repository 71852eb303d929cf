import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a version that there is not',
    change: (yaml) => yaml.replaceAll('subset: v2', 'subset: v3'),
    expectation: 'failed requests',
    observed: [40, 75],
  },
  {
    mutant: 'a switch for the gateway alone',
    change: (yaml) => yaml.replace(/^---[\s\S]*/m, ''),
    expectation: "calls to v2, by the storefront's proxy",
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
