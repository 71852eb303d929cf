import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'a path that is not normalised',
    change: (yaml) => yaml.replace('/products/', '//products/'),
    expectation: 'let in by //products//ID',
    observed: [100, 100],
  },
  {
    mutant: 'a method that nobody uses',
    change: (yaml) => yaml.replace('paths:', 'methods: [DELETE]\n            paths:'),
    expectation: 'let in by /products/ID',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
