import { everyRequestSent, never } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import {
  gatewayFailures,
  gatewayRequests,
  inboundFailures,
  inboundRequests,
} from '@meshmart/experiment-runner/proxy-counters';

/** Adds up a counter over the sidecars of product v1. */
const atProduct = (phase: Phase, counter: RegExp) =>
  phase.proxy('product-v1-1', counter) + phase.proxy('product-v1-2', counter);

const sent = (phase: Phase) => phase.k6('http_reqs', 'count');
/** k6 counts `true` as a pass, and `true` means failed here. */
const failed = (phase: Phase) => phase.k6('http_req_failed', 'passes');

const requests: Expectation = {
  name: 'requests',
  metric: 'http_reqs',
  thresholds: { baseline: 'count>=3000', observe: 'count>=3000', restore: 'count>=200' },
  reason: '10 % of 3,000 requests vary by 0.55 points (one sigma), so 2 points are 3.6 sigma',
};

export default {
  summary: 'shows which proxy counts an error that the service never saw',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  expectations: [
    {
      name: 'failed requests',
      unit: '%',
      metric: 'http_req_failed',
      thresholds: { baseline: 'rate==0', observe: ['rate>=0.08', 'rate<=0.12'], restore: 'rate==0' },
      reason: 'the gateway injects 503 in 10 % of the requests',
    },
    requests,
    {
      name: "requests, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', gatewayRequests),
      agreesWith: sent,
      reason: 'the proxy nearest to the client counts what the client sends',
    },
    {
      name: "5xx, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', gatewayFailures),
      agreesWith: failed,
      reason: 'it also counts the errors that it has made up itself',
    },
    {
      name: "requests, by product's sidecars",
      value: (phase) => atProduct(phase, inboundRequests),
      agreesWith: (phase) => sent(phase) - failed(phase),
      reason: 'a request that the gateway answers never arrives here',
    },
    never(
      "5xx, by product's sidecars",
      (phase) => atProduct(phase, inboundFailures),
      'for product all is well',
    ),
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'with retries the service counts tries, and most of its errors reach nobody',
      disturbance: {
        faults: { 'product-v1-1': { errorRate: 0.2 }, 'product-v1-2': { errorRate: 0.2 } },
      },
      expectations: [
        {
          name: 'failed requests',
          unit: '%',
          metric: 'http_req_failed',
          thresholds: { baseline: 'rate==0', observe: ['rate>=0.002', 'rate<=0.02'], restore: 'rate==0' },
          reason:
            'three tries in a row fail in 0.8 % (0.2³) of the requests (one sigma is 0.16 points), and some retries are left out, because the standing rule allows ten at once',
        },
        requests,
        {
          name: "requests by product's sidecars, for each of k6's",
          expected: '1 → 1.24 ± 0.05',
          value: (phase) => atProduct(phase, inboundRequests) / sent(phase),
          holds: (observed, baseline) => Math.abs(baseline - 1) < 0.01 && Math.abs(observed - 1.24) <= 0.05,
          reason: '1 + 0.2 + 0.04 tries for each request; one sigma is 0.01',
        },
        {
          name: "5xx share, by product's sidecars",
          unit: '%',
          expected: '0 % → 20 ± 3 %',
          value: (phase) => atProduct(phase, inboundFailures) / atProduct(phase, inboundRequests),
          holds: (observed, baseline) => baseline === 0 && Math.abs(observed - 0.2) <= 0.03,
          reason: 'an alert on this number would ring for an outage that hardly any customer notices',
        },
      ],
    },
  },
} satisfies Experiment;
