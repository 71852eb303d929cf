import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { inboundOverflows, outboundOverflows } from '@meshmart/experiment-runner/proxy-counters';

export default {
  summary: 'refuses at once the requests for which a slow service has no room',
  needs: { services: { storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 12, observeS: 12, restoreS: 4 },
  // Without the delay no request would still be in progress when the next one arrives.
  disturbance: { faults: { storefront: { delayMs: 200 } }, inBaseline: true },
  expectations: [
    {
      name: 'refused of one at a time',
      unit: '%',
      metric: 'refused{at_once:1}',
      thresholds: 'rate==0',
      reason: 'a client that waits for each response never opens the breaker',
    },
    {
      name: 'refused of three at a time',
      unit: '%',
      metric: 'refused{at_once:3}',
      thresholds: { baseline: 'rate==0', observe: ['rate>=0.2', 'rate<=0.95'], restore: 'rate==0' },
      reason:
        'one of three is served, one waits, and the third is refused; how soon it asks again depends on the machine',
    },
    {
      name: 'failed otherwise',
      unit: '%',
      metric: 'failed',
      thresholds: 'rate==0',
      reason: 'a slow response is not wrong: each is 200 or a refusal by the breaker',
    },
    {
      name: 'requests, one at a time',
      metric: 'http_reqs{at_once:1}',
      thresholds: { baseline: 'count>=5', observe: 'count>=5', restore: 'count>=1' },
      reason: 'all or nothing: a handful of requests shows it',
    },
    {
      name: 'requests, three at a time',
      metric: 'http_reqs{at_once:3}',
      thresholds: { baseline: 'count>=15', observe: 'count>=15', restore: 'count>=3' },
      reason: 'each of the three clients sends at least five requests',
    },
    {
      name: "requests refused, by the caller's and the callee's proxy",
      value: (phase) =>
        phase.proxy('gateway', outboundOverflows('storefront')) +
        phase.proxy('storefront-v1-1', inboundOverflows),
      agreesWith: (phase) => phase.k6('refused', 'passes'),
      reason: 'both proxies have a breaker; together they refused what k6 saw refused',
    },
  ],
  variants: {
    'as-printed': {
      summary: 'the numbers that many texts print refuse nobody in a store of this size',
      phases: { baselineS: 16, observeS: 16, restoreS: 4 },
      // The second half has 150 requests in progress, at 75 requests a second.
      disturbance: { faults: { storefront: { delayMs: 2000 } }, inBaseline: true },
      expectations: [
        {
          name: 'refused of three at a time',
          unit: '%',
          metric: 'refused{at_once:3}',
          thresholds: 'rate==0',
          reason: 'three requests in progress are far from 1,000',
        },
        {
          name: 'refused of 150 at a time',
          unit: '%',
          metric: 'refused{at_once:150}',
          thresholds: 'rate==0',
          reason: 'requests beyond 100 connections wait, since the number of waiting requests has no limit',
        },
        {
          name: 'average of 150 at a time',
          unit: 'ms',
          metric: 'http_req_duration{at_once:150}',
          thresholds: { baseline: 'avg<2400', observe: 'avg>=2550', restore: 'avg<2400' },
          reason:
            'a third waits for one of the hundred connections: 2.7 s in the first turn, and 3 s later, in place of 2 s',
        },
        {
          name: 'failed otherwise',
          unit: '%',
          metric: 'failed',
          thresholds: 'rate==0',
          reason: 'whoever waits is served in the end',
        },
      ],
    },
  },
} satisfies Experiment;
