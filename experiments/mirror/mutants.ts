import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "copies sent, by the gateway's proxy";

export default [
  {
    mutant: 'copies of half the requests',
    change: (yaml) => yaml.replace('value: 100', 'value: 50'),
    expectation,
    observed: [35, 65],
  },
  {
    mutant: 'copies to the version that answers',
    change: (yaml) => yaml.replace('subset: v2', 'subset: v1'),
    expectation,
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
