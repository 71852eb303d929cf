import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "slow replica's share of v1";

export default [
  {
    mutant: 'ROUND_ROBIN for v1',
    change: (yaml) => yaml.replace('LEAST_REQUEST', 'ROUND_ROBIN'),
    expectation,
    observed: [48, 52],
  },
  {
    mutant: 'LEAST_REQUEST for the service, and RANDOM for v1',
    change: (yaml) =>
      yaml
        .replace('LEAST_REQUEST', 'BOTH')
        .replace('RANDOM', 'LEAST_REQUEST')
        .replace('BOTH', 'RANDOM')
        .replace(/^# .*\n/, ''),
    expectation,
    observed: [40, 60],
  },
] satisfies ManifestMutant[];
