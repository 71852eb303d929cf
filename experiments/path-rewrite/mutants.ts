import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'no rewrite',
    change: (yaml) => yaml.replace(/.*rewrite: .*\n/g, ''),
    expectation: 'GET /catalogue/ID, answered with the product',
    observed: [0, 0],
  },
  {
    mutant: 'a redirect with 301',
    change: (yaml) => yaml.replace(', redirectCode: 308', ''),
    expectation: 'GET /articles, redirected with 308',
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
