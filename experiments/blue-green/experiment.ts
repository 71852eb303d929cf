import { appears, everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { outboundRequests } from '@meshmart/experiment-runner/proxy-counters';

export default {
  summary: 'switches product from v1 to v2 under load, without losing a request',
  needs: { services: { product: ['v1', 'v2'], storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 20, restoreS: 2, applyAfterS: 6 },
  // Slow requests are in progress at any moment, so that some of them begin before the switch and end after it.
  disturbance: { faults: { product: { delayMs: 1000, delayRate: 0.5 } }, inBaseline: true },
  expectations: [
    {
      name: 'v2 share of the first requests',
      unit: '%',
      metric: 'v2_share{part:first}',
      thresholds: 'rate==0',
      reason: 'in the first tenth of the load the manifest has not been applied yet',
    },
    {
      name: 'v2 share of the last requests',
      unit: '%',
      metric: 'v2_share{part:last}',
      thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
      reason: 'all or nothing: after the switch one response of v1 is too many',
    },
    noFailedRequests('v1 keeps running until its last request has ended, so that none is lost'),
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=100', observe: 'count>=380', restore: 'count>=20' },
      reason: 'at 20 requests a second several slow ones are in progress at the switch',
    },
    {
      name: "v1 kept answering after v2's first request, for",
      unit: 's',
      expected: '0 → ≥ 0.2 s',
      value: overlapS,
      holds: (observed, baseline) => baseline === 0 && observed >= 0.2,
      reason: 'requests that began at v1 ended there, and were not cut off',
    },
    {
      name: "requests to v2, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', outboundRequests('product', 'v2')),
      agreesWith: (phase) => phase.k6('v2_share', 'passes'),
      reason:
        'k6 reads a response header, Envoy counts what it sent: two witnesses that do not know each other',
    },
    appears(
      "calls to v2, by the storefront's proxy",
      (phase) => phase.proxy('storefront-v1-1', outboundRequests('product', 'v2')),
      'calls inside the mesh switch too, not only those that come through the gateway',
    ),
  ],
  guards: [everyRequestSent],
} satisfies Experiment;

function overlapS(phase: Phase): number {
  if (phase.k6('v2_share', 'passes') === 0) return 0;
  return (phase.k6('blue_ended_at', 'max') - phase.k6('green_began_at', 'min')) / 1000;
}
