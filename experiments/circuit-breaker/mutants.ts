import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'room for three',
    change: (yaml) => yaml.replace(/: 1$/gm, ': 3'),
    expectation: 'refused of three at a time',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
