import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

export default [
  {
    mutant: 'sampling for payment alone',
    change: (yaml) => yaml.replace('spec:', 'spec:\n  selector: { matchLabels: { app: payment } }'),
    expectation: 'proxies and services in every trace',
    observed: [4, 4],
  },
] satisfies ManifestMutant[];
