import { everyRequestSent, never, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

/** Adds up a counter over the sidecars of product v1. */
const atProduct = (phase: Phase, counter: RegExp) =>
  phase.proxy('product-v1-1', counter) + phase.proxy('product-v1-2', counter);

const wouldBeDenied = (phase: Phase) => atProduct(phase, /\.rbac\.istio_dry_run_deny_\.shadow_denied$/);
const denied = (phase: Phase) => atProduct(phase, requestsDenied);

const requests: Expectation = {
  name: 'requests',
  metric: 'http_reqs',
  thresholds: { baseline: 'count>=500', observe: 'count>=500', restore: 'count>=100' },
  reason: 'all or nothing: the policy means every one of them',
};

export default {
  summary: 'counts the requests that a policy would refuse, and refuses none',
  needs: { services: { product: ['v1'] }, targets: ['cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 3 },
  expectations: [
    noFailedRequests('a dry run must not refuse a request'),
    requests,
    {
      name: "requests that would be refused, by product's sidecars",
      expected: '0 → ≥ 460',
      value: wouldBeDenied,
      holds: (observed, baseline) => baseline === 0 && observed >= 460,
      reason:
        'a connection from before the change gets one more response by the old rules, and the two workers of the gateway have at most 40',
    },
    never("requests refused, by product's sidecars", denied, 'the rules that are in force stay as they were'),
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'without the annotation the same policy refuses every read',
      expectations: [
        {
          name: 'failed requests',
          unit: '%',
          metric: 'http_req_failed',
          thresholds: { baseline: 'rate==0', observe: 'rate>=0.95', restore: 'rate<=0.2' },
          reason: 'a connection from before a change gets one more response by the old rules',
        },
        requests,
        {
          name: "requests refused, by product's sidecars",
          value: denied,
          agreesWith: (phase) => phase.k6('http_req_failed', 'passes'),
          reason: 'each failure is a refusal of this policy',
        },
      ],
    },
  },
} satisfies Experiment;
