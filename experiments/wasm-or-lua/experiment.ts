import { everyRequestSent, never, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';

/** Returns the growth of a counter of the gateway's Lua filter. */
function count(phase: Phase, counter: string): number {
  return phase.proxy('gateway', new RegExp(String.raw`\.lua\.${counter}$`));
}

const common: Expectation[] = [
  noFailedRequests('an extension must not cost a request'),
  {
    name: 'requests',
    metric: 'http_reqs',
    thresholds: { baseline: 'count>=600', observe: 'count>=600', restore: 'count>=200' },
    reason:
      'all or nothing: a worker of the proxy without the script would show among a few hundred requests',
  },
];

export default {
  summary: 'extends the gateway by a script',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 3, observeS: 3, restoreS: 1 },
  expectations: [
    {
      name: 'responses with the header',
      unit: '%',
      metric: 'extended',
      thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
      reason: 'the script runs for every response',
    },
    ...common,
    {
      name: "runs of the script, by the gateway's proxy",
      value: (phase) => count(phase, 'executions'),
      agreesWith: (phase) => phase.k6('extended', 'passes'),
      reason: 'Envoy counts the runs of the script, k6 the headers',
    },
    never('errors of the script', (phase) => count(phase, 'errors'), 'no client would notice one'),
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'an error in the script is silent: responses pass as if there were no script',
      expectations: [
        {
          name: 'responses with the header',
          unit: '%',
          metric: 'extended',
          thresholds: 'rate==0',
          reason: 'the script ends before it adds the header',
        },
        ...common,
        {
          name: 'errors of the script, for each request',
          expected: '0 → 1',
          value: (phase) => count(phase, 'errors') / phase.k6('http_reqs', 'count'),
          holds: (observed, baseline) => baseline === 0 && observed === 1,
          reason: "only this counter and the proxy's log show that nothing works",
        },
      ],
    },
  },
} satisfies Experiment;
