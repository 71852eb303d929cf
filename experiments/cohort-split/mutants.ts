import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'weights of 80/20',
    change: (yaml) => yaml.replace('weight: 50', 'weight: 80').replace('weight: 50', 'weight: 20'),
    expectation: "v2's share of beta users' requests",
    observed: [13, 27],
  },
  {
    mutant: 'a misspelt cohort',
    change: (yaml) => yaml.replace('exact: internal', 'exact: Internal'),
    expectation: "v2's share of internal users' requests",
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
