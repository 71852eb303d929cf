import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "requests to the customer's first replica";

export default [
  {
    mutant: 'a header that nobody sends',
    change: (yaml) => yaml.replace('x-customer', 'x-session'),
    expectation,
    observed: [25, 55],
  },
  {
    mutant: "the client's address",
    change: (yaml) => yaml.replace('httpHeaderName: x-customer', 'useSourceIp: true'),
    expectation: 'replicas in use',
    observed: [1, 1],
  },
] satisfies ManifestMutant[];
