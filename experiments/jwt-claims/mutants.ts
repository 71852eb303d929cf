import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'another role',
    change: (yaml) => yaml.replace('notValues: [admin]', 'notValues: [administrator]'),
    expectation: "an administrator's changes, made",
    observed: [0, 0],
  },
  {
    mutant: 'values in place of notValues',
    change: (yaml) => yaml.replace('notValues: [admin]', 'values: [customer]'),
    expectation: 'changes without a token, passed to product',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
