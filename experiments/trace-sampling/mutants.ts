import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = "recorded requests, by the gateway's proxy";

export default [
  {
    mutant: '30 % instead of 10 %',
    change: (yaml) => yaml.replace('Percentage: 10', 'Percentage: 30'),
    expectation,
    observed: [26, 34],
    inFull: true,
  },
  {
    mutant: 'sampling of product alone',
    change: (yaml) =>
      yaml
        .replace('name: tracing', 'name: product')
        .replace('spec:', 'spec:\n  selector: { matchLabels: { app: product } }'),
    expectation,
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
