import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const retry = (conditions: string) => (yaml: string) =>
  yaml.replace('    - route:', `    - retries: { attempts: 2, retryOn: "${conditions}" }\n      route:`);

export default [
  {
    mutant: 'a condition that names the status',
    change: retry('503'),
    expectation: 'failed requests',
    observed: [0, 6],
  },
  {
    mutant: 'a retry of gateway errors',
    change: retry('gateway-error'),
    expectation: 'failed requests',
    observed: [0, 6],
  },
] satisfies ManifestMutant[];
