import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundTimeouts, outboundTryTimeouts } from '@meshmart/experiment-runner/proxy-counters';

function duration(observe: Bounds, reason: string): Expectation {
  return {
    name: 'half of the responses within',
    unit: 'ms',
    metric: 'http_req_duration',
    thresholds: { baseline: ['med>=4950', 'med<6000'], observe, restore: 'med<1000' },
    reason,
  };
}

const failures: Expectation[] = [
  {
    name: 'responses that are 504',
    unit: '%',
    metric: 'timed_out',
    thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
    reason: 'product always takes 5 s: all or nothing',
  },
  {
    name: 'failed otherwise',
    unit: '%',
    metric: 'failed_otherwise',
    thresholds: 'rate==0',
    reason: 'product itself is slow, and not broken',
  },
];

export default {
  summary: 'answers 504 after 3 s when product takes 5 s',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 2 },
  disturbance: { faults: { product: { delayMs: 5000 } }, inBaseline: true },
  expectations: [
    duration(['med>=2950', 'med<4000'], 'the timeout of 3 s, and up to 1 s for a busy machine'),
    ...failures,
    {
      name: "timeouts, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', outboundTimeouts('product', 'v1')),
      agreesWith: (phase) => phase.k6('timed_out', 'passes'),
      reason: "each 504 came from the gateway's timer (flag UT), and none from product",
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=28', observe: 'count>=28', restore: 'count>=8' },
      reason: 'a few dozen requests show the time: each waits for the same timer',
    },
  ],
  variants: {
    trap: {
      summary: 'a timeout of 10 s that ends after 2.6 s, by the deadline of each try',
      expectations: [
        duration(
          ['med>=2550', 'med<3600'],
          'two tries of 1.3 s with at most 25 ms between them, and up to 1 s for a busy machine',
        ),
        ...failures,
        {
          name: "tries that timed out, by the gateway's proxy",
          value: (phase) => phase.proxy('gateway', outboundTryTimeouts('product', 'v1')),
          agreesWith: (phase) => 2 * phase.k6('timed_out', 'passes'),
          reason: 'both tries of every request ended by `perTryTimeout`, and none by `timeout`',
        },
      ],
    },
  },
} satisfies Experiment;
