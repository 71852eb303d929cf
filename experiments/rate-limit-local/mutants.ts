import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'GET /products answered in a second';

export default [
  {
    mutant: 'a limit of 20',
    change: (yaml) =>
      yaml.replace('max_tokens: 10, tokens_per_fill: 10', 'max_tokens: 20, tokens_per_fill: 20'),
    expectation,
    observed: [18, 26],
    inFull: true,
  },
  {
    mutant: 'a filter that is not enforced',
    change: (yaml) =>
      yaml.replace(
        'filter_enforced: { default_value: { numerator: 100 } }',
        'filter_enforced: { default_value: { numerator: 0 } }',
      ),
    expectation,
    observed: [30, 42],
    inFull: true,
  },
] satisfies ManifestMutant[];
