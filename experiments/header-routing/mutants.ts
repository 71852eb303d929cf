import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a match of any user',
    change: (yaml) => yaml.replaceAll('{ exact: jason }', '{}'),
    expectation: "v2's share of others' requests",
    observed: [100, 100],
  },
  {
    mutant: 'no rule inside the mesh',
    change: (yaml) => yaml.replace(/^---[\s\S]*/m, ''),
    expectation: "v2's share of Jason's pages",
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
