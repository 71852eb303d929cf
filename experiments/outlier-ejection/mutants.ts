import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'ejection of 20 % at most',
    change: (yaml) => yaml.replace('maxEjectionPercent: 50', 'maxEjectionPercent: 20'),
    expectation: "instances ejected, by the gateway's proxy",
    observed: [0, 0],
  },
  {
    mutant: 'ejection after 5,000 errors',
    change: (yaml) => yaml.replace('Errors: 5', 'Errors: 5000'),
    expectation: "instances ejected, by the gateway's proxy",
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
