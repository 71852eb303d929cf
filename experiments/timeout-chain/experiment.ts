import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { callsCutByService, outboundTimeouts } from '@meshmart/experiment-runner/proxy-counters';

function duration(observe: Bounds, reason: string): Expectation {
  return {
    name: 'half of the pages within',
    unit: 'ms',
    metric: 'http_req_duration',
    thresholds: { baseline: ['med>=2550', 'med<3400'], observe, restore: 'med<1500' },
    reason,
  };
}

const failures: Expectation[] = [
  {
    name: 'pages that are 503',
    unit: '%',
    metric: 'unavailable',
    thresholds: { baseline: 'rate==1', observe: 'rate==1', restore: 'rate==0' },
    reason: 'product takes 4 s, and somebody always gives up earlier: all or nothing',
  },
  {
    name: 'failed otherwise',
    unit: '%',
    metric: 'failed_otherwise',
    thresholds: 'rate==0',
    reason: 'the storefront always responds in time for the gateway, which waits 10 s',
  },
];

export default {
  summary: 'gives up at the first deadline of a chain: gateway 10 s, storefront 3 s, call to product 1 s',
  needs: { services: { product: ['v1'], storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 2 },
  disturbance: { faults: { product: { delayMs: 4000 } }, inBaseline: true },
  expectations: [
    duration(['med>=950', 'med<2000'], 'the timeout of 1 s, and up to 1 s for a busy machine'),
    ...failures,
    {
      name: "calls that the storefront's proxy ended",
      expected: '≥ 1 per page',
      value: (phase) => phase.proxy('storefront-v1-1', outboundTimeouts('product', 'v1')) / pages(phase),
      holds: (observed) => observed >= 1,
      reason:
        'a page makes two calls: the timeout ends one (flag UT), and the storefront then drops the other',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=25', observe: 'count>=25', restore: 'count>=8' },
      reason: 'a few dozen pages show the time: each waits for the same timer',
    },
  ],
  variants: {
    trap: {
      summary: "a timeout of 10 s in the mesh, and the application's own deadline of 3 s",
      expectations: [
        duration(['med>=2950', 'med<4000'], 'the deadline of 3 s, and up to 1 s for a busy machine'),
        ...failures,
        {
          name: 'calls that the storefront itself cut',
          expected: '≤ 1 → ≥ 1.9 per page',
          value: (phase) => phase.proxy('storefront-v1-1', callsCutByService) / pages(phase),
          holds: (observed, baseline) => baseline <= 1 && observed >= 1.9,
          reason:
            'the proxy would have waited for both calls: its service cut them (flag DC). Before, it drops at most the second',
        },
      ],
    },
  },
} satisfies Experiment;

function pages(phase: { k6(metric: string, aggregate: string): number }): number {
  return phase.k6('http_reqs', 'count');
}
