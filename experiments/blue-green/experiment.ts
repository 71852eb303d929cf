import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const requestsToV2 =
  /^cluster\.outbound\|80\|v2\|product\.meshmart\.svc\.cluster\.local;?\.upstream_rq_total$/;

export default {
  summary: 'switches product from v1 to v2 while customers are there, and loses none of their requests',
  needs: {
    services: { product: ['v1', 'v2'], storefront: ['v1'] },
    targets: ['local', 'cluster'],
    meshes: ['istio'],
  },
  phases: { baselineS: 6, observeS: 20, restoreS: 2, applyAfterS: 6 },
  // So that some requests are in progress at any moment, and are seen to end where they began.
  disturbance: { faults: { product: { delayMs: 1000, delayRate: 0.5 } }, inBaseline: true },
  expectations: [
    { name: 'v2 share of the first requests', unit: '%', threshold: 'v2_share{part:first}' },
    { name: 'v2 share of the last requests', unit: '%', threshold: 'v2_share{part:last}' },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    { name: 'requests', threshold: 'http_reqs' },
    {
      name: 'after the first request to v2, v1 went on answering for',
      unit: 's',
      expected: '0 → ≥ 0.2 s',
      value: overlapS,
      holds: (observed, baseline) => baseline === 0 && observed >= 0.2,
    },
    {
      name: "requests to v2, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', requestsToV2),
      agreesWith: (phase) => phase.k6('v2_share', 'passes'),
    },
    {
      name: "calls to v2, by the storefront's proxy",
      expected: '0 → ≥ 1',
      value: (phase) => phase.proxy('storefront-v1-1', requestsToV2),
      holds: (observed, baseline) => baseline === 0 && observed >= 1,
    },
  ],
} satisfies Experiment;

function overlapS(phase: Phase): number {
  if (phase.k6('v2_share', 'passes') === 0) return 0;
  return (phase.k6('blue_ended_at', 'max') - phase.k6('green_began_at', 'min')) / 1000;
}
