import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundRequests, outlierDetection } from '@meshmart/experiment-runner/proxy-counters';

/** The standing LEAST_REQUEST gives v2 about a third, and more when v1 is slower. */
const some: Bounds = 'rate>=0.1';
const sick = { errorRate: 1 };

const failedBefore: Expectation = {
  name: 'failed requests before the failure',
  unit: '%',
  metric: 'failed{part:first}',
  thresholds: 'rate==0',
  reason: 'in the first quarter of the load all instances are healthy',
};

export default {
  summary: 'prefers the near instances of product, and turns to the far one when they fail',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 12, observeS: 12, restoreS: 3 },
  disturbance: { faults: { 'product-v1-1': sick, 'product-v1-2': sick }, faultsAfterS: 6 },
  expectations: [
    {
      name: 'v2 share before the failure',
      unit: '%',
      metric: 'v2_share{part:first}',
      thresholds: { baseline: some, observe: 'rate==0', restore: 'rate==0' },
      reason: 'without a preference v2 gets its part of the requests, and with one it gets none',
    },
    {
      name: 'v2 share after the failure',
      unit: '%',
      metric: 'v2_share{part:last}',
      thresholds: { baseline: some, observe: 'rate==1', restore: 'rate==0' },
      reason: 'all of v1 is ejected, and the next priority takes over',
    },
    failedBefore,
    {
      name: 'failed requests after the failure',
      unit: '%',
      metric: 'failed{part:last}',
      thresholds: 'rate==0',
      reason: 'nothing is lost after the ejections: no panic sends requests to ejected instances',
    },
    {
      name: 'failed requests in all',
      expected: '0 → 10 to 100',
      value: (phase) => phase.k6('http_req_failed', 'passes'),
      holds: (observed, baseline) => baseline === 0 && observed >= 10 && observed <= 100,
      reason:
        'five errors in a row eject each of two instances, well within a second at 50 requests a second',
    },
    {
      name: "ejections, by the gateway's proxy",
      expected: '0 → 2',
      value: (phase) => phase.proxy('gateway', outlierDetection('product', 'ejections_enforced_total')),
      holds: (observed, baseline) => baseline === 0 && observed === 2,
      reason: 'both instances of v1, and not the healthy one',
    },
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'without outlier detection the preference does nothing',
      expectations: [
        {
          name: 'v2 share before the failure',
          unit: '%',
          metric: 'v2_share{part:first}',
          thresholds: { baseline: some, observe: ['rate>=0.28', 'rate<=0.39'], restore: 'rate==0' },
          reason:
            'istiod sends no priorities, because a proxy without ejections would never leave the first one',
        },
        failedBefore,
        {
          name: 'failed requests after the failure',
          unit: '%',
          metric: 'failed{part:last}',
          thresholds: { baseline: 'rate==0', observe: ['rate>=0.61', 'rate<=0.72'], restore: 'rate==0' },
          reason: 'by turns, two of three instances fail; each worker of the proxy begins its turns anew',
        },
        {
          name: "requests to product, by the gateway's proxy",
          value: (phase) => phase.proxy('gateway', outboundRequests('product')),
          agreesWith: (phase) => phase.k6('http_reqs', 'count'),
          reason: 'no request was repeated or refused on its way',
        },
      ],
    },
  },
} satisfies Experiment;
