import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'the route before the subset',
    change: (yaml) => yaml.split('---\n').reverse().join('---\n'),
    expectation: 'failed requests',
    observed: [12, 40],
    inFull: true,
  },
  {
    mutant: "the other version's label",
    change: (yaml) => yaml.replace('version: v2', 'version: v1'),
    expectation: 'v2 share of the last requests',
    observed: [0, 0],
    inFull: true,
  },
] satisfies ManifestMutant[];
