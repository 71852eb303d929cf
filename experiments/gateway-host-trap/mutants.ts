import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "v2's share of requests for shop.example.com";

export default [
  {
    mutant: 'a rule for the mesh',
    change: (yaml) => yaml.replace('- store', '- mesh'),
    expectation,
    observed: [0, 0],
  },
  {
    mutant: 'a rule for every subdomain',
    change: (yaml) => yaml.replace('- shop.example.com', '- "*.shop.example.com"'),
    expectation,
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
