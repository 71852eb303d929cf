import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'responses with the header';

export default [
  {
    mutant: 'a selector for another workload',
    change: (yaml) => yaml.replace('istio: gateway', 'istio: edge'),
    expectation,
    observed: [0, 0],
  },
  {
    mutant: 'a script for the sidecars',
    change: (yaml) => yaml.replace('context: GATEWAY', 'context: SIDECAR_INBOUND'),
    expectation,
    observed: [0, 0],
  },
] satisfies ManifestMutant[];
