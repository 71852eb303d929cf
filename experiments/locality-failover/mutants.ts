import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'the other version first',
    change: (yaml) => yaml.replace('- version=v1', '- version=v2'),
    expectation: 'v2 share before the failure',
    observed: [100, 100],
  },
  {
    mutant: 'an ejection of half of the instances',
    change: (yaml) => yaml.replace('maxEjectionPercent: 70', 'maxEjectionPercent: 50'),
    expectation: 'failed requests after the failure',
    observed: [30, 100],
    inFull: true,
  },
] satisfies ManifestMutant[];
