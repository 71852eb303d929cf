import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a timeout of 10 s',
    change: (yaml) => yaml.replace('timeout: 1s', 'timeout: 10s'),
    expectation: 'half of the pages within',
    observed: [2900, 4000],
  },
  {
    mutant: 'a rule for the gateway only',
    change: (yaml) => yaml.replace('  http:', '  gateways: [store]\n  http:'),
    expectation: 'half of the pages within',
    observed: [2900, 4500],
  },
] satisfies ManifestMutant[];
