import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundRequests } from '@meshmart/experiment-runner/proxy-counters';

const counted: Expectation = {
  name: "requests to v2, by the gateway's proxy",
  value: (phase) => phase.proxy('gateway', outboundRequests('product', 'v2')),
  agreesWith: (phase) => phase.k6('v2_share', 'passes'),
  reason: 'k6 reads a response header, Envoy counts what it sent: two witnesses that do not know each other',
};

export default {
  summary: 'splits the traffic of each cohort of users by its own weights',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  expectations: [
    {
      name: "v2's share of internal users' requests",
      unit: '%',
      metric: 'v2_share{cohort:internal}',
      thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
      reason: 'all or nothing: the cohort decides alone',
    },
    {
      name: "v2's share of beta users' requests",
      unit: '%',
      metric: 'v2_share{cohort:beta}',
      thresholds: { baseline: 'rate==0', observe: ['rate>=0.41', 'rate<=0.59'], restore: 'rate==0' },
      reason: '50 % of 600 requests vary by 2 points (one sigma), so 9 points are 4.4 sigma',
    },
    {
      name: "v2's share of others' requests",
      unit: '%',
      metric: 'v2_share{cohort:none}',
      thresholds: 'rate==0',
      reason: 'requests without a cohort match only the last rule',
    },
    noFailedRequests('both versions can answer every request'),
    {
      name: "beta users' requests",
      metric: 'http_reqs{cohort:beta}',
      thresholds: { baseline: 'count>=600', observe: 'count>=600', restore: 'count>=100' },
      reason: 'the tolerance of their share follows from this number',
    },
    counted,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'a weight draws for each request, so one customer sees both versions',
      expectations: [
        {
          name: 'visits of beta users in which both versions responded',
          unit: '%',
          metric: 'mixed_visits{cohort:beta}',
          thresholds: { baseline: 'rate==0', observe: 'rate>=0.95', restore: 'rate==0' },
          reason: 'ten draws are all alike in 0.2 % of the visits; of 60 visits, more than 3 hardly ever are',
        },
        {
          name: 'visits of internal users in which both versions responded',
          unit: '%',
          metric: 'mixed_visits{cohort:internal}',
          thresholds: 'rate==0',
          reason: 'a rule with one destination draws nothing: the application assigned the cohort',
        },
        noFailedRequests('nothing fails, so no alert finds it'),
        counted,
      ],
    },
  },
} satisfies Experiment;
