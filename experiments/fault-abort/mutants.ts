import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: '30 % instead of 10 %',
    change: (yaml) => yaml.replace('value: 10', 'value: 30'),
    expectation: 'failed GET /products',
    observed: [26, 34],
  },
  {
    mutant: 'a fault for one user only',
    change: (yaml) =>
      yaml.replace('- fault:', '- match: [{ headers: { end-user: { exact: jason } } }]\n      fault:'),
    expectation: 'failed GET /products',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
